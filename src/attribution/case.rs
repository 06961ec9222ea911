//! The input of every step: the facts, the contracts, and the readings.

use crate::carriers::Facts;
use crate::contracts::{
    Contract, Contracts, Field, Line, Registries, RepositoryClass, TagRule, any_glob,
};

use super::readings::builds::Builds;
use super::readings::families::{Family, inner};
use super::readings::generic::Generic;
use super::readings::import::Import;
use super::readings::packages::commits;
use super::readings::reading::Reading;
use super::readings::recipe::{Cooked, of_product, recipe};
use super::text::{CommitText, is_among, is_moving, same_commit, same_image, same_variant};
use crate::provenance::Kind;
use crate::reference::Reference;

/// One image, as its sources describe it. No step changes it.
pub(crate) struct Case<'a> {
    pub facts: &'a Facts,
    pub contracts: &'a Contracts,
    pub registries: &'a Registries,
    /// Where the file was pulled from.
    pub import: Option<Import>,
    /// The contracts that the image carries.
    pub families: Vec<Family>,
    /// Contracts with keys in the image, but without the package that they need.
    pub reused: Vec<Family>,
    /// The readings of generic keys.
    pub generic: Generic,
    /// The records of build tools.
    pub builds: Builds<'a>,
}

impl Case<'_> {
    pub(crate) fn import(&self) -> Option<&Import> {
        self.import.as_ref()
    }

    /// Returns the tag under which the file was pulled.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.import()?.tag()
    }

    /// Returns the pull from a registry that the importer wrote down.
    pub(crate) fn registry_import(&self) -> Option<&Import> {
        self.import().filter(|import| import.is_registry())
    }

    /// Returns true when the file was pulled from one of the publisher's official repositories.
    pub(crate) fn is_from_publisher(&self, family: &Family) -> bool {
        family.class == Some(RepositoryClass::Official) && self.registry_import().is_some()
    }

    /// Returns the commits that the installed copies of a contract's package name.
    pub(crate) fn package_commits(&self, contract: &Contract) -> Vec<String> {
        commits(self.facts, contract)
    }

    /// Returns the commit in the stamp; if there are several, the one that the package agrees with.
    pub(crate) fn stamped_commit<'f>(
        &self,
        family: &'f Family,
    ) -> Option<(&'f Reading, CommitText)> {
        family.commit(&self.package_commits(&family.contract))
    }

    /// Returns the part of the imported tag that a group of its rule captures.
    pub(crate) fn tag_part(&self, family: &Family, group: &str) -> Option<&str> {
        let rule = self.imported_rule(family)?;
        rule.pattern.capture(self.tag()?, group)
    }

    /// Returns the rule of the imported tag, if the repository is the publisher's, or a mirror of it.
    pub(crate) fn imported_rule<'f>(&self, family: &'f Family) -> Option<&'f TagRule> {
        let import = self.import()?;
        let own = || family.class.and_then(|_| import.repository());
        let repository = family.mirrored.clone().or_else(own)?;
        family.contract.tag_rule(&repository, import.tag()?)
    }

    /// Returns true when a generic value belongs to a contract that the image carries.
    pub(crate) fn belongs_to_inner(&self, field: Field, value: &str) -> bool {
        self.families.iter().any(|family| match field {
            Field::Source => is_among(&family.contract.source, value),
            Field::Commit => family.of(Field::Commit).any(|reading| {
                match (CommitText::parse(&reading.value), CommitText::parse(value)) {
                    (Some(a), Some(b)) => same_commit(&a.id, &b.id),
                    _ => false,
                }
            }),
            _ => family.readings.iter().any(|reading| reading.value == value),
        })
    }

    /// Returns the product line of the image: by import, else by its stamp.
    pub(crate) fn line<'f>(&self, family: &'f Family) -> Option<&'f Line> {
        let imported = self.import().and_then(|import| {
            let name = family.mirrored.clone().or_else(|| import.repository())?;
            family.contract.product_line(&name, import.tag())
        });
        imported.or_else(|| self.stamped_line(family))
    }

    /// Returns the product line that the stamp names, else the contract's first.
    pub(crate) fn stamped_line<'f>(&self, family: &'f Family) -> Option<&'f Line> {
        let contract = &family.contract;
        let of = |reference: Reference| {
            contract.product_line(&reference.name(), reference.tag.as_deref())
        };
        let stamped = family
            .stamp_reference()
            .and_then(|(_, reference)| of(reference));
        let cooked = || of_product(self.facts, contract).and_then(of);
        // The product that the image names, if it is not the first: `TensorFlow` is "NGC TensorFlow".
        let named = || {
            let product = family.value(Field::Product)?.trim();
            let mut lines = contract.lines.iter();
            lines.find(|line| line.product.ends_with(product))
        };
        // A name that no line has (`CUDA`) names another product than the first.
        let is_named = family.of(Field::Product).next().is_some();
        let first = || contract.lines.first().filter(|_| !is_named);
        stamped.or_else(cooked).or_else(named).or_else(first)
    }

    /// Returns the contract's recipe, filled. It may be that of a base, so beside an import from the publisher it
    /// counts only for the imported repository.
    pub(crate) fn recipe(&self, family: &Family) -> Option<Cooked> {
        let import = self.import().filter(|_| self.is_from_publisher(family));
        let repository = import.and_then(|import| import.effective.as_ref());
        recipe(self.facts, &family.contract).filter(|cooked| {
            repository.is_none_or(|imported| imported.same_repository(&cooked.reference))
        })
    }

    /// Returns the contract's recipe, filled; `None` if part of the stamp is that of a base, and so is the recipe.
    pub(crate) fn own_recipe(&self, family: &Family) -> Option<Cooked> {
        recipe(self.facts, &family.contract).filter(|_| family.inherited.is_empty())
    }

    /// Returns true if an image of the imported repository need not hold the contract's package. A
    /// digest does not say to which product line of the repository it belongs: it may be any.
    pub(crate) fn may_lack_package(&self, family: &Family) -> bool {
        let import = self.import();
        let untagged = import.filter(|import| import.tag().is_none());
        let repository = untagged.and_then(Import::repository);
        let any = repository.is_some_and(|name| {
            let mut lines = family.contract.lines.iter();
            lines.any(|line| line.no_package && any_glob(&line.repositories, &name))
        });
        any || self.line(family).is_some_and(|line| line.no_package)
    }

    /// Returns the contracts of the bases of `outer`, the closest first.
    pub(crate) fn bases(&self, outer: Option<&Family>) -> Vec<&Family> {
        inner(&self.families, outer, self.contracts)
    }

    /// Returns true when an image with this stamp can be found under the imported tag.
    pub(crate) fn compatible_tag(
        &self,
        family: &Family,
        import: &Import,
        imported: &str,
        stamped: &str,
    ) -> bool {
        let contract = &family.contract;
        let repository = import.repository().unwrap_or_default();
        let rule = contract.tag_rule(&repository, imported);
        if same_image(contract, imported, stamped) {
            return true;
        }
        let kind = contract.tag_kind(stamped);
        // A stamp of a staging image names a tag that is never published.
        let staged = kind == Some(Kind::Staging);
        if is_moving(rule, self.registries, imported) {
            // `latest` is not a nightly, and `latest-cu129` is not for another CUDA.
            let published = rule.map(|rule| rule.kind).zip(kind);
            let other = published.is_some_and(|(a, b)| a != b && !staged);
            return !other && same_variant(contract, imported, stamped);
        }
        if self.is_published_next_day(family, stamped) {
            return true;
        }
        // A preview tag on a nightly: the package's own commit says that it is that nightly.
        let nightly = kind == Some(Kind::Nightly);
        (rule.is_none() && nightly && self.is_backed(family)) || staged
    }

    /// Returns true if the stamp has a commit, and the package has every commit in the stamp.
    fn is_backed(&self, family: &Family) -> bool {
        let packages = self.package_commits(&family.contract);
        let stamped = family.real(Field::Commit);
        let mut stamped = stamped.filter_map(|reading| CommitText::parse(&reading.value));
        let is_held = |commit: CommitText| packages.iter().any(|id| same_commit(id, &commit.id));
        stamped.next().is_some_and(is_held) && stamped.all(is_held)
    }

    /// Returns true if the stamp has the date of the build, and the imported tag that of the publishing
    /// job on the next day (SGLang, `_docker-build-and-publish.yml`).
    pub(crate) fn is_published_next_day(&self, family: &Family, stamped: &str) -> bool {
        let import = self.registry_import();
        let named = import.and_then(|import| Some((import.repository()?, import.tag()?)));
        named.is_some_and(|(name, tag)| family.contract.is_next_day(&name, stamped, tag))
    }
}
