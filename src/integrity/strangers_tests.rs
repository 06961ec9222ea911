use super::tests::{INFO, TREE, image, package, row};
use super::*;
use crate::image::Image;

/// What is found beside acme, whose record lists its module and its launcher.
fn beside(files: &[(&str, &[u8])], search: &[&str]) -> Vec<String> {
    let launcher = ("../../../bin/acme", b"#!python".as_slice());
    let module = ("acme/a.py", b"a".as_slice());
    let record = [row(module.0, module.1), row(launcher.0, launcher.1)].concat();
    let mut image = image(&[module], &record);
    image
        .0
        .insert(b"/usr/bin/acme".to_vec(), launcher.1.to_vec());
    for (path, content) in files {
        image.0.insert(path.as_bytes().to_vec(), content.to_vec());
    }
    let own = package(INFO);
    let other = package("/usr/lib/python3/site-packages/other-1.0.egg-info");
    let packages = [own.clone(), other];
    let around = Surroundings {
        packages: &packages,
        search: search.to_vec(),
    };
    let open = || Ok(Box::new(&image) as Box<dyn Image>);
    let found = check(&open, &[&own], &around, &Limits::default(), None);
    assert_eq!(found.losses, []);
    assert_eq!(found.packages[0].extra, [""; 0]);
    found.packages[0].beside.clone()
}

#[test]
fn what_python_imports_beside_a_package_is_named_where_no_record_lists_it() {
    let tree = |name: &str| format!("{TREE}/{name}");
    for name in [
        "hook.pth",
        "sitecustomize.py",
        "fast.cpython-312-x86_64-linux-gnu.so",
    ] {
        assert_eq!(beside(&[(&tree(name), b"x")], &[]), [tree(name)]);
    }
    assert_eq!(
        beside(&[(&tree("torch/__init__.py"), b"x")], &[]),
        [tree("torch")]
    );
    for data in [
        "README.txt",
        "licences/MIT",
        "__pycache__/a.cpython-312.pyc",
        "old-1.egg-info/PKG-INFO",
    ] {
        assert_eq!(beside(&[(&tree(data), b"x")], &[]), [""; 0], "{data}");
    }
}

#[test]
fn modules_of_a_package_without_a_record_are_no_strangers() {
    let names = (
        format!("{TREE}/other-1.0.egg-info/top_level.txt"),
        b"other\n".as_slice(),
    );
    let module = (format!("{TREE}/other/__init__.py"), b"x".as_slice());
    let files = [(names.0.as_str(), names.1), (module.0.as_str(), module.1)];
    assert_eq!(beside(&files, &[]), [""; 0]);
}

#[test]
fn what_virtualenv_writes_into_an_environment_is_no_stranger() {
    let hook = format!("{TREE}/_virtualenv.pth");
    let files = [(hook.as_str(), b"import _virtualenv".as_slice())];
    assert_eq!(beside(&files, &[]), [hook.as_str()]);
    let made_by_uv = [
        files[0],
        ("/usr/pyvenv.cfg", b"home = /usr/bin\nuv = 0.9.1\n"),
    ];
    assert_eq!(beside(&made_by_uv, &[]), [""; 0]);
}

#[test]
fn a_program_that_a_shell_finds_before_the_launcher_is_named() {
    let search = ["/opt/bin/", "/usr/bin", "/later"];
    let other = [("/opt/bin/acme", b"evil".as_slice())];
    assert_eq!(beside(&other, &search), ["/opt/bin/acme"]);
    // A link to the launcher is the launcher.
    assert_eq!(beside(&[("/opt/bin/acme", b"#!python")], &search), [""; 0]);
    assert_eq!(beside(&[("/later/acme", b"other")], &search), [""; 0]);
}
