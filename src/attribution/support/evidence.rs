//! Evidence, as a reading or a pair becomes it.

use crate::attribution::readings::reading::Reading;
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Evidence, Status};

/// One piece of evidence from a stamp.
pub(crate) fn from_reading(reading: &Reading, status: Status) -> Evidence {
    Evidence {
        field: field_of(reading).document_field().to_owned(),
        value: reading.value.clone(),
        source: reading.source.clone(),
        contract: Some(reading.contract.clone()),
        strength: reading.strength,
        status: if reading.placeholder {
            Status::Ignored
        } else {
            status
        },
    }
}

/// One piece of evidence that no contract gives its meaning.
pub(crate) fn from_pair(field: &str, pair: &Pair, strength: u8, status: Status) -> Evidence {
    Evidence {
        field: field.to_owned(),
        value: pair.value.clone(),
        source: pair.source.clone(),
        contract: None,
        strength,
        status,
    }
}

/// A version label that holds a whole reference speaks of the reference.
fn field_of(reading: &Reading) -> Field {
    let is_reference = reading.field == Field::Version && reading.value.contains('/');
    if is_reference {
        Field::Reference
    } else {
        reading.field
    }
}
