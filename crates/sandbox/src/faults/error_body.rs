use serde_json::json;

/// A body in the vendor's error shape.
pub(super) fn errors(status: u16) -> String {
    let message = format!("the sandbox was asked to answer {status}");
    json!({"errors": [{"type": "sandboxFault", "message": message}]}).to_string()
}
