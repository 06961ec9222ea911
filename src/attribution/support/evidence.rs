//! Makes evidence of readings and pairs.

use crate::attribution::readings::reading::Reading;
use crate::carriers::Pair;
use crate::contracts::Field;
use crate::provenance::{Evidence, Status};

/// Returns the status of the image's own evidence, or of a base's, before they are compared.
pub(crate) fn own(is_own: bool) -> Status {
    match is_own {
        true => Status::Alone,
        false => Status::Inherited,
    }
}

/// Makes evidence of a reading of a stamp.
pub(crate) fn from_reading(reading: &Reading, status: Status) -> Evidence {
    Evidence {
        field: field_of(reading).document_field().to_owned(),
        value: reading.value.clone(),
        source: reading.source.clone(),
        contract: Some(reading.contract.clone()),
        strength: reading.strength,
        status: match reading.placeholder {
            true => Status::Ignored,
            false => status,
        },
    }
}

/// Makes evidence that has its meaning from no contract.
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

/// Returns the field of a reading. A version label with a whole reference is about the reference.
fn field_of(reading: &Reading) -> Field {
    match reading.field {
        Field::Version if reading.value.contains('/') => Field::Reference,
        field => field,
    }
}
