//! Lists the losses: each cause once, in a length that a person can read.

use crate::carriers::Loss;

/// The most losses that are listed.
const MAX_LOSSES: usize = 64;
/// The most paths that a warning names.
const MAX_NAMED: usize = 5;

/// Damage, and the paths that cannot be read because of it.
struct Damage {
    /// The first paths.
    paths: Vec<String>,
    reason: String,
    /// The number of further paths.
    more: u32,
}

/// All losses.
#[derive(Default)]
pub(super) struct Losses {
    damage: Vec<Damage>,
    losses: Vec<Loss>,
}

impl Losses {
    /// Notes damage by its cause: a damaged table affects many paths.
    pub fn damaged(&mut self, path: &str, reason: &str) {
        let same = |damage: &&mut Damage| damage.reason == reason;
        if let Some(damage) = self.damage.iter_mut().find(same) {
            if damage.paths.len() < MAX_NAMED {
                damage.paths.push(path.to_owned());
            } else {
                damage.more = damage.more.saturating_add(1);
            }
        } else if self.damage.len() < MAX_LOSSES {
            self.damage.push(Damage {
                paths: vec![path.to_owned()],
                reason: reason.to_owned(),
                more: 0,
            });
        } else {
            self.note(too_many());
        }
    }

    /// Returns the losses, damage first.
    pub fn into_list(self) -> Vec<Loss> {
        let damage = self.damage.into_iter().map(|damage| {
            let mut paths = damage.paths.join(", ");
            if damage.more > 0 {
                paths.push_str(&format!(" and {} more", damage.more));
            }
            let message = format!("{paths} cannot be read: {}", damage.reason);
            Loss::partial("damaged", message)
        });
        damage.chain(self.losses).collect()
    }

    /// Notes a loss once.
    pub fn note(&mut self, loss: Loss) {
        let same = |known: &&mut Loss| known.message == loss.message;
        if let Some(known) = self.losses.iter_mut().find(same) {
            if loss.partial && !known.partial {
                *known = loss;
            }
            return;
        }
        match self.losses.len().cmp(&MAX_LOSSES) {
            std::cmp::Ordering::Less => self.losses.push(loss),
            std::cmp::Ordering::Equal => self.losses.push(too_many()),
            std::cmp::Ordering::Greater => {}
        }
    }
}

fn too_many() -> Loss {
    let message = format!("more than {MAX_LOSSES} paths could not be read");
    Loss::partial("over-limit", message)
}
