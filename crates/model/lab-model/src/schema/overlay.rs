//! The schema of the files of an overlay: the lab's own, except that nothing is required, since what is not said stays as
//! it is, and that `~` may stand for everything, since it removes.

use serde_json::Value;

/// The schema of the files below `overlays/`.
pub fn overlay_schema() -> Value {
    let mut whole = super::schema();
    loosen(&mut whole);
    whole["title"] = Value::from("Labwright overlay");
    whole
}

fn loosen(value: &mut Value) {
    match value {
        Value::Object(schema) => {
            // `is` stays required: without it a value with its source could not be told from a record.
            if schema.get("required").is_some_and(|keys| keys.is_array() && keys[0] != "is") {
                schema.remove("required");
            }
            match schema.get_mut("type") {
                Some(Value::Array(types)) => types.push(Value::from("null")),
                Some(Value::String(one)) => {
                    let types = vec![Value::from(one.as_str()), Value::from("null")];
                    schema.insert("type".to_owned(), Value::from(types));
                }
                _ => {}
            }
            schema.values_mut().for_each(loosen);
        }
        Value::Array(parts) => parts.iter_mut().for_each(loosen),
        _ => {}
    }
}
