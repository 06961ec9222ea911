//! What `lint --survives` says, against what a real `enroot import` kept (scripts/test-survives records it).

use serde_json::Value;
use sqsh_prov::lint::survives;
use sqsh_prov::{Inspector, Options};

use crate::make::Layout;

#[test]
fn what_is_said_to_survive_is_what_an_import_kept() {
    let record = include_str!("../../fixtures/survives.json");
    let record: Value = serde_json::from_str(record).unwrap();
    let mut config = record["config"].clone();
    config["rootfs"] = serde_json::json!({"type": "layers", "diff_ids": []});
    let layout = Layout {
        index: record["index"].clone(),
        images: vec![("linux/amd64", record["manifest"].clone(), config)],
        attestation: None,
    };
    let directory = tempfile::tempdir().unwrap();
    layout.write(directory.path());
    let inspector = Inspector::new(Options::default()).unwrap();
    let survey = inspector.survey(directory.path()).unwrap();
    let rows = serde_json::to_value(survives(&survey).survives.unwrap()).unwrap();
    let said = |level: &str, key: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        let row = rows.find(|row| row["level"] == level && row["key"] == key);
        row.map(|row| row["enroot"]["fate"].clone())
    };
    let mut compared = 0;
    let mut differ = Vec::new();
    for (level, keys) in record["fates"].as_object().unwrap() {
        for (key, kept) in keys.as_object().unwrap() {
            compared += 1;
            let said = said(level, key);
            if said.as_ref() != Some(kept) {
                differ.push(format!("{level} {key}: said {said:?}, was {kept}"));
            }
        }
    }
    assert_eq!(differ, [""; 0]);
    assert!(compared > 20, "{compared}");
}
