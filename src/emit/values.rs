//! The values of a build by name, and templates filled with them.

use super::environment::is_word;
use super::remote;
use super::request::Request;
use crate::attribution::{is_placeholder, repository_url, version_of_tag};
use crate::contracts::{BuildArgs, Field, Part, parts};
use crate::provenance::Kind;

/// The greatest depth of defaults that name other values.
const DEEPEST: usize = 8;

/// The values of one build.
pub(super) struct Values<'a> {
    pub request: &'a Request<'a>,
    pub section: &'a BuildArgs,
    /// What the pattern of a tag's variant captured.
    pub captured: Vec<(String, String)>,
    pub kind: Kind,
    pub reference: Option<String>,
}

impl Values<'_> {
    /// Returns a value, else its default.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.set(name).or_else(|| self.fallback(name))
    }

    /// Returns a value that is no placeholder.
    pub(super) fn known(&self, field: Field) -> Option<String> {
        self.get(field.name())
            .filter(|value| !is_placeholder(field, value))
    }

    /// Returns a value that something sets; never a default.
    pub(super) fn set(&self, name: &str) -> Option<String> {
        let own = self.captured.iter().find(|(known, _)| known == name);
        if let Some((_, value)) = own {
            return Some(value.clone());
        }
        if name == "reference" && self.reference.is_some() {
            return self.reference.clone();
        }
        if let Some(name) = self.of_context(name) {
            return self.fact(name);
        }
        let Some(variables) = self.section.from.get(name) else {
            return self.fact(name);
        };
        let mut variables = variables.iter();
        let found = variables.find_map(|variable| self.read(name, variable));
        if name != "version" {
            return found;
        }
        let build = &self.request.build;
        let tagged = build.version().filter(|_| build.from_context);
        self.version(found.or(tagged))
    }

    /// Returns the name of a value that only the Git context decides, and CI's variables do not.
    fn of_context<'n>(&self, name: &'n str) -> Option<&'n str> {
        let own = ["commit", "source", "branch", "ref", "pull-request"];
        let build = &self.request.build;
        match name {
            _ if !build.from_context => None,
            "tag-commit" => Some("commit"),
            name => own.contains(&name).then_some(name),
        }
    }

    /// Returns the variables that may set a value. A contract that names none for the version has it from
    /// RELEASE_VERSION.
    fn variables(&self, name: &str) -> Vec<&str> {
        match self.section.from.get(name) {
            Some(variables) => variables.iter().map(String::as_str).collect(),
            None if name == "version" => vec!["RELEASE_VERSION"],
            None => Vec::new(),
        }
    }

    /// Returns where a value comes from, in a few words.
    pub(super) fn whence(&self, name: &str) -> String {
        let build = &self.request.build;
        if self.captured.iter().any(|(known, _)| known == name) {
            return "the variant".to_owned();
        }
        if name == "reference" && self.reference.is_some() {
            return format!("the contract's template for a {} build", self.kind.as_str());
        }
        if self.of_context(name).is_some() && self.set(name).is_some() {
            return "the Git context".to_owned();
        }
        let variables = self.variables(name).into_iter();
        let mut variables = variables.filter(|it| self.read(name, it).is_some());
        let named = self.of_context(name).is_none().then(|| variables.next());
        if let Some(variable) = named.flatten() {
            return variable.to_owned();
        }
        match (self.set(name), self.fallback(name), build.system) {
            (Some(_), _, _) if build.of_checkout.contains(&name) => "the checkout".to_owned(),
            (Some(_), _, Some(system)) => system.to_owned(),
            (Some(_), _, None) => "this build".to_owned(),
            (None, Some(_), _) => "not known: the contract's fallback".to_owned(),
            (None, None, _) => "not known".to_owned(),
        }
    }

    fn read(&self, name: &str, variable: &str) -> Option<String> {
        let environment = self.request.environment;
        match name {
            "url" => environment.url(variable),
            "source" => {
                let url = environment.url(variable)?;
                let is_named = remote::is_on_host(&url) || remote::is_short(&url);
                is_named.then(|| canonical(url))
            }
            "pipeline" => environment.name(variable),
            _ => environment.word(variable),
        }
    }

    fn version(&self, found: Option<String>) -> Option<String> {
        let version =
            found.or_else(|| self.request.agent_version.clone().filter(|v| is_word(v)))?;
        let version = version.strip_prefix('v').unwrap_or(&version);
        (!version.is_empty()).then(|| version.to_owned())
    }

    /// Returns a value that CI or the checkout says.
    fn fact(&self, name: &str) -> Option<String> {
        let build = &self.request.build;
        match name {
            "commit" => build.commit.clone(),
            "source" => build.source.clone().map(canonical),
            "pipeline" => build.pipeline.clone(),
            "url" => build.url.clone(),
            "version" => {
                let asked = self.request.environment.word("RELEASE_VERSION");
                self.version(asked.or_else(|| build.version()))
            }
            "branch" => build.branch.clone(),
            "ref" => build.reference(),
            "pull-request" => build.pull_request.clone(),
            "channel" => {
                let channels = self.request.contract.channels.iter();
                let mut fitting = channels.filter(|(_, kind)| **kind == self.kind);
                fitting.next().map(|(name, _)| name.clone())
            }
            "kind" => Some(self.kind.as_str().to_owned()),
            "variant" => Some(self.request.variant.to_owned()).filter(|v| !v.is_empty()),
            "arch" => Some(self.request.machine.to_owned()),
            "date" => Some(self.request.date.to_owned()),
            _ => None,
        }
    }

    fn otherwise(&self, name: &str, depth: usize) -> Option<String> {
        let template = self.section.otherwise.get(name)?;
        (depth < DEEPEST).then(|| self.fill_at(template, depth + 1))?
    }

    /// Returns the contract's default of a value.
    pub(super) fn fallback(&self, name: &str) -> Option<String> {
        self.otherwise(name, 0)
    }

    /// Fills a template; `None` if one of its values is missing.
    pub(super) fn fill(&self, template: &str) -> Option<String> {
        self.fill_at(template, 0)
    }

    fn fill_at(&self, template: &str, depth: usize) -> Option<String> {
        let mut out = String::new();
        for part in parts(template)? {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value {
                    name,
                    dashed,
                    first,
                } => {
                    let value = self.set(name).or_else(|| self.otherwise(name, depth));
                    let count = first.unwrap_or(usize::MAX);
                    let value = value.map(|value| value.chars().take(count).collect::<String>());
                    match value {
                        Some(value) if dashed && !value.is_empty() => {
                            out.push('-');
                            out.push_str(&value);
                        }
                        Some(value) => out.push_str(&value),
                        None if dashed => {}
                        None => return None,
                    }
                }
            }
        }
        Some(out)
    }
}

/// Returns the canonical URL of a source repository; another text stays.
fn canonical(url: String) -> String {
    repository_url(&url).unwrap_or(url)
}

/// Returns the version at the start of a reference's tag.
pub(super) fn version_in(reference: &str) -> Option<String> {
    let parsed = crate::reference::Reference::parse(reference).ok()?;
    version_of_tag(parsed.tag.as_deref()?).map(str::to_owned)
}
