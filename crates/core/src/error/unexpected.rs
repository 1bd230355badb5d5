use crate::kinds::kinds;

kinds! {
    /// Why a response isn't of the expected form.
    pub enum UnexpectedResponse {
        /// A success status whose body came compressed, although the request didn't allow that. A compressed
        /// refusal is classified by its status and ids, like any other.
        Coding = "unexpected_coding",
            "unexpected response: its body is compressed; check for a proxy that compresses";
        /// A success status without a body.
        Empty = "unexpected_empty", "unexpected response: it has no body";
        /// A success status with a list of errors in the body.
        ErrorBody = "unexpected_error_body", "unexpected response: a success status with an error in the body";
        /// A success status with a web page, such as a captive portal's. A 4xx with a web page is
        /// `NotTheService`, unless it carries the service's id.
        Html = "unexpected_html",
            "unexpected response: a web page; check for a proxy, an edge filter or a captive portal";
        /// Response message-level encryption that was not requested, or of an unknown form.
        MessageEncryption = "unexpected_message_encryption",
            "unexpected response: message-level encryption that was not requested or has an unknown form: \
             see the cause";
        /// Credentials that don't name the requested stored card; only reported if
        /// [`CredentialsGenerator::require_confirmation`](crate::generator::CredentialsGenerator::require_confirmation)
        /// was set.
        NotConfirmed = "unexpected_not_confirmed",
            "unexpected response: credentials that don't name the requested stored card";
        /// A 4xx without any sign that the service itself sent it, such as one of a proxy or an edge
        /// filter on the way. It gives no information about the card or the request. Its delivery is
        /// `Unknown` although a whole response came, since its sender may stand behind the service as well
        /// as in front of it. [`PortError::suspected_refusal`] returns the meaning that the status would
        /// have.
        ///
        /// [`PortError::suspected_refusal`]: crate::PortError::suspected_refusal
        NotTheService = "unexpected_not_the_service",
            "unexpected response: a refusal without any sign of the service; it says nothing about the card: check \
             the intermediaries";
        /// A redirect; it is never followed.
        Redirect = "unexpected_redirect",
            "unexpected response: a redirect, which is never followed; check the endpoint's address and for a \
             login page";
        /// A status that the operation doesn't have.
        Status = "unexpected_status", "unexpected response: a status that the operation doesn't have";
        /// A body or a head over its size limit.
        TooLarge = "unexpected_too_large", "unexpected response: too large";
        /// Payment credentials that aren't encrypted: a silent downgrade, so they are refused.
        Unencrypted = "unexpected_unencrypted",
            "unexpected response: credentials that are not encrypted";
    }
}
