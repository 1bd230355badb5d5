use http::{HeaderName, header};

static DATE: HeaderName = header::DATE;
static VC_DATE: HeaderName = HeaderName::from_static("v-c-date");

/// The parts of the format of an HTTP Signature in which the vendor's documents differ.
///
/// The default follows the vendor's SDKs.
///
/// ```
/// use payment_credentials_auth::{DateHeader, HttpSignatureFormat};
///
/// let format = HttpSignatureFormat::default().with_date(DateHeader::VcDate);
/// assert_ne!(format, HttpSignatureFormat::default());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HttpSignatureFormat {
    /// The header that carries the date.
    pub date: DateHeader,
    /// The name of the line that holds method and path.
    pub request_target: RequestTargetLine,
}

impl HttpSignatureFormat {
    /// Sets the header that carries the date.
    #[must_use]
    pub fn with_date(mut self, header: DateHeader) -> Self {
        self.date = header;
        self
    }

    /// Sets the name of the line that holds method and path.
    #[must_use]
    pub fn with_request_target(mut self, line: RequestTargetLine) -> Self {
        self.request_target = line;
        self
    }
}

/// The header that carries the date.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum DateHeader {
    /// `Date`: used by the SDKs.
    #[default]
    Date,
    /// `v-c-date`: in the guide's table since its revision 25.04. Use it if a proxy rewrites `Date`.
    VcDate,
}

impl DateHeader {
    pub(super) fn header(self) -> &'static HeaderName {
        match self {
            Self::Date => &DATE,
            Self::VcDate => &VC_DATE,
        }
    }
}

/// The name of the line that holds method and path.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RequestTargetLine {
    /// `(request-target)`: in the vendor's older documents.
    Parenthesised,
    /// `request-target`: in the vendor's announcement of 2024, and used by the SDKs.
    #[default]
    Plain,
}

impl RequestTargetLine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Parenthesised => "(request-target)",
            Self::Plain => "request-target",
        }
    }
}
