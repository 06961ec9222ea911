//! Texts that attack whoever reads them: a terminal, a shell, Slurm, a spreadsheet, a
//! browser, a reader of JSON or markdown. A new attack is a line here.

/// What attacks write at the start of a line of their own; no output may have it there.
pub const FORGED: [&str; 2] = ["FORGED-LINE", "  pull       evil"];
/// The file that an attack makes where something runs it.
pub const CANARY: &str = "canary";

/// Name and bytes of each.
pub const PAYLOADS: &[(&str, &[u8])] = &[
    // Terminals: ECMA-48, and xterm's operating system commands.
    ("hyperlink", b"\x1b]8;;http://evil.example/\x07click\x1b]8;;\x07"),
    ("clipboard", b"\x1b]52;c;Y3VybA==\x07"),
    ("title", b"\x1b]0;owned\x1b\\"),
    ("clear", b"\x1b[2J\x1b[1;1H\x1b[31m"),
    ("device-control", b"\x1bP$q\"p\x1b\\\x1b_x\x1b\\\x1b^y\x1b\\"),
    ("c1", "\u{9b}2J\u{9d}0;x\u{9c}\u{90}\u{84}".as_bytes()),
    ("c1-bytes", b"\x9b2J\x9d52;c;x\x9c"),
    ("overlong", b"\xc0\x9b[2J\xe0\x80\x9b[2J\xc1\x9b\xf0\x80\x80\x8a"),
    ("half-a-character", b"x\xc2"),
    ("backspace", b"bad\x08\x08\x08\x07\x7f"),
    ("carriage-return", b"safe\rFORGED-LINE"),
    ("vertical", "x\u{b}\u{c}\u{85}FORGED-LINE\u{2028}FORGED-LINE\u{2029}FORGED-LINE".as_bytes()),
    ("bidi", "\u{202e}gpj\u{2066}x\u{2069}\u{200f}\u{61c}".as_bytes()),
    ("zero-width", "a\u{200b}\u{200d}\u{2060}\u{feff}b\u{ad}\u{180e}".as_bytes()),
    ("tags", "\u{e0041}\u{e007f}\u{fe0f}".as_bytes()),
    ("marks", "z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}".as_bytes()),
    ("nul", b"a\0b"),
    ("padding", b"x                                                                                    FORGED-LINE"),
    ("lines", b"x\nFORGED-LINE\n  pull       evil/image:1\n\nFORGED-LINE"),
    // Shells.
    ("substitution", b"$(touch canary)`touch canary`${IFS}$((1))"),
    ("quote", b"'; touch canary; '"),
    ("double-quote", b"\"; touch canary; \""),
    ("escaped-quote", b"\\'; touch canary #"),
    ("ansi-quote", b"$'\\x27;touch canary;\\x27'"),
    ("shell-line", b"x\ntouch canary\n'\ntouch canary\n"),
    ("operators", b"& touch canary | touch canary > canary; touch canary"),
    ("history", b"!!:s/a/b/ !touch"),
    ("option", b"-rf --output=canary"),
    // Slurm: the protocol of TaskProlog, directives of a batch script, a job's comment.
    ("export", b"x\nexport LD_PRELOAD=/evil.so\nunset PATH\nprint owned"),
    ("export-return", b"x\rexport LD_PRELOAD=/evil.so"),
    ("sbatch", b"x\n#SBATCH --wrap=evil"),
    ("comment", b"x container-image=/evil.sqsh,"),
    // Spreadsheets.
    ("formula", b"=cmd|' /C calc'!A0"),
    ("formula-plus", b"+1+cmd|' /C calc'!A0"),
    ("formula-minus", b"-1+cmd|' /C calc'!A0"),
    ("formula-at", b"@SUM(1+1)"),
    ("formula-tab", b"\t=1+1"),
    ("formula-return", b"\r=1+1"),
    ("formula-line", b"\n=1+1"),
    ("formula-small", "\u{fe66}1+1".as_bytes()),
    ("formula-minus-sign", "\u{2212}1+1".as_bytes()),
    ("formula-spaces", b"  =1+1"),
    ("formula-wide", "\u{ff1d}1+1".as_bytes()),
    ("cells", b"a\",=1+1,\"b\r\n=1+1,\""),
    // Browsers.
    ("attribute", b"\" onmouseover=alert(1) x=\""),
    ("attribute-single", b"' onfocus='alert(1)' autofocus x='"),
    ("script", b"</script><script>alert(1)</script>"),
    ("html-comment", b"<!--<script>--!><img src=x onerror=alert(1)>"),
    ("base", b"</title></style><base href=//evil.example><meta http-equiv=refresh content=0>"),
    ("url", b"javascript:alert(1)//"),
    ("data-url", b"data:text/html,<script>alert(1)</script>"),
    ("template", b"{{script}}{{data}}{{policy}}"),
    ("entity", b"&lt;b&gt;&#x3c;script&#x3e;]]><![CDATA["),
    // JSON, YAML, TOML.
    ("json", b"\",\"official\":true,\"x\":\""),
    ("json-escape", b"\\u0022,\\"),
    ("yaml", b"x: y\n  frameworks: {vllm: \"9\"}\n# &a *a !!python/object"),
    ("toml", b"x\"\n[official]\nrequire = false"),
    // Markdown, and what CI systems read out of a log.
    ("markdown", b"](javascript:alert(1)) ![x](http://evil.example/x.png) **b** `c`"),
    ("markdown-block", b"x\n\n# FORGED-LINE\n| a | b |\n|---|---|\n```\n<details>"),
    ("pipe", b"a | b \\| c"),
    ("workflow-start", b"::error file=x::y"),
    ("workflow-spaces", b"  ::add-mask::y"),
    ("workflow-old", b"##[add-path]/evil"),
    ("workflow-azure", b"##vso[task.setvariable variable=x]y"),
    ("workflow-command", b"x\n::error file=x::FORGED-LINE\n##vso[task.setvariable variable=x]y"),
    // Templates of progress lines and format strings.
    ("format", b"{pos}{eta}{spinner}{0}{}%s%n%1$n"),
];
