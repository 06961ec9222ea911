//! Makes a public reference by the contract's recipe, for images without a reference in a stamp.

use crate::attribution::readings::reading::last_of;
use crate::attribution::text::is_placeholder;
use crate::carriers::{Facts, Pair};
use crate::contracts::{Contract, Field, Recipe};
use crate::reference::Reference;

/// A filled recipe.
#[derive(Clone, Debug)]
pub(crate) struct Cooked {
    pub reference: Reference,
    pub product: Option<String>,
    pub version: Option<String>,
}

/// Returns the first recipe of the contract that the image can fill.
pub(crate) fn recipe(facts: &Facts, contract: &Contract) -> Option<Cooked> {
    let mut recipes = contract.recipes.iter();
    recipes.find_map(|recipe| cook(facts, recipe))
}

/// Returns the reference of the first recipe whose conditions the image meets; without a tag if the image
/// cannot fill it.
pub(crate) fn of_product(facts: &Facts, contract: &Contract) -> Option<Reference> {
    let mut recipes = contract.recipes.iter();
    let recipe = recipes.find(|recipe| is_met(facts, recipe))?;
    let (name, _) = recipe.reference.split_once(":{")?;
    let cooked = cook(facts, recipe).map(|cooked| cooked.reference);
    cooked.or_else(|| Reference::parse(name).ok())
}

/// Returns the recipe for a repository, filled, whatever the product's name is: another build may replace it.
pub(crate) fn recipe_for(facts: &Facts, contract: &Contract, repository: &str) -> Option<Cooked> {
    let mut recipes = contract.recipes.iter();
    let recipe = recipes.find(|it| it.reference.split(':').next() == Some(repository))?;
    filled(facts, recipe)
}

fn is_met(facts: &Facts, recipe: &Recipe) -> bool {
    let set = |key: &str| last_of(&facts.environment, key).map(|pair| pair.value.as_str());
    let mut conditions = recipe
        .when
        .iter()
        .map(|condition| condition.split_once('='));
    conditions.all(|pair| pair.is_some_and(|(key, value)| set(key) == Some(value)))
}

fn cook(facts: &Facts, recipe: &Recipe) -> Option<Cooked> {
    is_met(facts, recipe).then(|| filled(facts, recipe))?
}

fn filled(facts: &Facts, recipe: &Recipe) -> Option<Cooked> {
    let fill = |template: &str| fill(facts, template);
    Some(Cooked {
        reference: Reference::parse(&fill(&recipe.reference)?).ok()?,
        product: recipe.product.clone(),
        version: recipe.version.as_deref().and_then(fill),
    })
}

/// Fills `{env:KEY}`, `{label:KEY}`, `{base:KEY}` and `{os:KEY}` (os-release); `None` if one is not set.
pub(crate) fn fill<'f>(facts: &'f Facts, template: &str) -> Option<String> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((front, tail)) = rest.split_once('{') {
        filled.push_str(front);
        let (place, tail) = tail.split_once('}')?;
        let (carrier, key) = place.split_once(':')?;
        let of = |pairs: &'f [Pair]| last_of(pairs, key).map(|pair| &pair.value);
        let value = match carrier {
            "env" => of(&facts.environment),
            "label" => of(&facts.labels),
            "base" => of(facts.base_labels.as_deref()?),
            "os" => facts.os_release.get(key),
            _ => None,
        }?;
        if is_placeholder(Field::Version, value) {
            return None;
        }
        filled.push_str(value);
        rest = tail;
    }
    filled.push_str(rest);
    Some(filled)
}
