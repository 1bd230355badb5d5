use crate::kinds::kinds;

kinds! {
    /// Why a response isn't what was asked for.
    pub enum UnexpectedResponse {
        /// The body is compressed although nothing asked for it.
        Coding = "unexpected_coding", "unexpected response: its body is compressed";
        /// No body.
        Empty = "unexpected_empty", "unexpected response: it has no body";
        /// A success status over a list of errors.
        ErrorBody = "unexpected_error_body", "unexpected response: a success status over an error";
        /// A web page, as from an edge filter or a captive portal.
        Html = "unexpected_html",
            "unexpected response: a web page; check for a proxy, an edge filter or a captive portal";
        /// Response message-level encryption that nobody asked for, or of an unknown shape.
        MessageEncryption = "unexpected_message_encryption",
            "unexpected response: message-level encryption, but not as it was asked for; configure the key that opens it";
        /// Credentials that don't name the stored card that was asked for; only for who asks
        /// [`CredentialsGenerator`](crate::generator::CredentialsGenerator::require_confirmation) for it.
        NotConfirmed = "unexpected_not_confirmed",
            "unexpected response: credentials that don't name the stored card that was asked for";
        /// A 4xx without any sign that the service itself spoke, such as a gateway's or an edge's on the way:
        /// it says nothing of the card or the request. Its delivery is `Unknown` though a whole response came,
        /// since its sender may stand behind the service as well as in front of it.
        /// [`PortError::suspected_refusal`] has what the status would mean.
        ///
        /// [`PortError::suspected_refusal`]: crate::PortError::suspected_refusal
        NotTheService = "unexpected_not_the_service",
            "unexpected response: a refusal by something on the way, not by the service";
        /// A redirect; it is never followed.
        Redirect = "unexpected_redirect", "unexpected response: a redirect, which is never followed";
        /// A status that the operation doesn't have.
        Status = "unexpected_status", "unexpected response: a status that the operation doesn't have";
        /// A body or a head over the cap.
        TooLarge = "unexpected_too_large", "unexpected response: too large";
        /// Payment credentials in the clear: a silent downgrade, refused.
        Unencrypted = "unexpected_unencrypted",
            "unexpected response: credentials that are not encrypted";
    }
}
