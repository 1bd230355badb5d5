/// Defines the environments, each with its host.
macro_rules! environments {
    ($($(#[$about:meta])* $environment:ident: $host:literal)*) => {
        /// The vendor's hosts for this operation.
        ///
        /// The list is from the vendor's TMS developer guide and release notes of 2026, which document no
        /// test host for India; the hosts for mutual TLS and of Bank of America are from the official SDKs.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Environment {
            $(
                #[doc = concat!("`", $host, "`.")]
                $(#[$about])*
                $environment,
            )*
        }

        impl Environment {
            /// Every environment, in the order of the variants.
            pub const ALL: [Self; [$($host),*].len()] = [$(Self::$environment),*];

            /// The host name.
            #[must_use]
            pub fn host(self) -> &'static str {
                match self {
                    $(Self::$environment => $host,)*
                }
            }
        }
    };
}

// The only list of the vendor's hosts. Config derives its list from this one; the sandbox has a list of its
// own.
environments! {
    Production: "api.cybersource.com"
    /// For merchants of Bank of America.
    ProductionBankOfAmerica: "api.merchant-services.bankofamerica.com"
    ProductionIndia: "api.in.cybersource.com"
    /// For OAuth, which needs a client certificate (mutual TLS).
    ProductionMutualTls: "api-ma.cybersource.com"
    ProductionSaudiArabia: "api.sa.cybersource.com"
    ProductionVisaAcceptance: "api.visaacceptance.com"
    /// The vendor's sandbox.
    Test: "apitest.cybersource.com"
    TestBankOfAmerica: "apitest.merchant-services.bankofamerica.com"
    /// For OAuth, which needs a client certificate (mutual TLS).
    TestMutualTls: "api-matest.cybersource.com"
    TestSaudiArabia: "apitest.sa.cybersource.com"
    TestVisaAcceptance: "apitest.visaacceptance.com"
}
