use serde_json::json;

/// A body in the vendor's error format.
pub(super) fn errors(status: u16) -> String {
    let message = format!("a fault rule of the sandbox asks for status {status}");
    json!({"errors": [{"type": "sandboxFault", "message": message}]}).to_string()
}
