//! Evaluates templates, and `for` over collections.

use std::collections::{BTreeMap, BTreeSet};

use super::eval::{Answer, Evaluator, Wrong, at};
use super::expr::{Each, Made, Part};
use super::known::{Known, LONGEST, Val};

impl Evaluator<'_> {
    pub(super) fn template(&mut self, parts: &[Part], line: u32) -> Answer {
        let mut text = String::new();
        let mut names = BTreeSet::new();
        let mut is_known = true;
        for part in parts {
            let worth = match part {
                Part::Text(more) => Known::text(more.clone()),
                Part::Value(expr) => self.eval(expr)?,
                Part::If(condition, yes, no) => {
                    let condition = self.eval(condition)?;
                    names.extend(condition.names.iter().cloned());
                    match condition.is_unknown() {
                        true => Known::default(),
                        false => {
                            let taken = at(line, condition.as_bool())?;
                            self.template(if taken { yes } else { no }, line)?
                        }
                    }
                }
                Part::For(each, parts) => {
                    let mut out = Vec::new();
                    let of = self.each(each, line, |own| {
                        out.push(own.template(parts, line)?);
                        Ok(())
                    })?;
                    names.extend(of.names.iter().cloned());
                    is_known &= !of.is_unknown();
                    is_known &= !out.iter().any(Known::is_unknown);
                    let texts: Result<String, String> = out.iter().map(Known::as_text).collect();
                    match is_known {
                        true => Known::text(at(line, texts)?),
                        false => Known::default(),
                    }
                }
            };
            names.extend(worth.all_names());
            match worth.is_unknown() {
                true => is_known = false,
                false => text.push_str(&at(line, worth.as_text())?),
            }
            if text.len() > LONGEST {
                return at(line, Err("a text grows too long".to_owned()));
            }
        }
        let out = if is_known {
            Known::text(text)
        } else {
            Known::default()
        };
        Ok(out.with(&names))
    }

    /// Does the work for each element of a collection, under the names of the `for`. Returns the collection.
    /// Does nothing if it is not known.
    fn each(
        &mut self,
        each: &Each,
        line: u32,
        mut work: impl FnMut(&mut Self) -> Result<(), Wrong>,
    ) -> Answer {
        let of = self.eval(&each.of)?;
        let pairs: Vec<(Known, Known)> = match &of.val {
            Val::Unknown => return Ok(of),
            Val::List(items) => {
                let numbers = (0_u32..).map(|at| Known::from(Val::Number(f64::from(at))));
                numbers.zip(items.iter().cloned()).collect()
            }
            Val::Map(pairs) => {
                let pairs = pairs.iter();
                pairs
                    .map(|(key, it)| (Known::text(key.clone()), it.clone()))
                    .collect()
            }
            other => {
                let reason = format!("{} cannot be iterated", other.noun());
                return at(line, Err(reason));
            }
        };
        for (key, value) in pairs {
            let kept = self.locals.len();
            if let Some(name) = &each.key {
                self.locals.push((name.clone(), key));
            }
            self.locals.push((each.value.clone(), value));
            let taken = match &each.only {
                None => Ok(true),
                Some(only) => self.eval(only).and_then(|it| at(line, it.as_bool())),
            };
            let done = match taken {
                Ok(true) => work(self),
                Ok(false) => Ok(()),
                Err(wrong) => Err(wrong),
            };
            self.locals.truncate(kept);
            done?;
        }
        Ok(of)
    }

    pub(super) fn collection(&mut self, each: &Each, made: &Made, line: u32) -> Answer {
        let mut list = Vec::new();
        let mut map: BTreeMap<String, Known> = BTreeMap::new();
        let of = self.each(each, line, |own| {
            let value = own.eval(&made.value)?;
            let Some(key) = &made.key else {
                list.push(value);
                return Ok(());
            };
            let key = at(line, own.eval(key)?.as_text())?;
            if made.grouped {
                let group = map
                    .entry(key)
                    .or_insert_with(|| Val::List(Vec::new()).into());
                if let Val::List(items) = &mut group.val {
                    items.push(value);
                }
            } else {
                map.insert(key, value);
            }
            Ok(())
        })?;
        if of.is_unknown() {
            return Ok(of);
        }
        let val = match made.key {
            Some(_) => Val::Map(map.into_iter().collect()),
            None => Val::List(list),
        };
        Ok(Known::from(val).with(&of.names))
    }
}
