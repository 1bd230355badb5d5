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

impl Environment {
    /// Whether calls to this host spend money: whether it isn't one of the test hosts.
    #[must_use]
    pub fn is_production(self) -> bool {
        // Listed so that a host that is added counts as production until someone says that it isn't.
        !matches!(
            self,
            Self::Test
                | Self::TestBankOfAmerica
                | Self::TestMutualTls
                | Self::TestSaudiArabia
                | Self::TestVisaAcceptance
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_host_says_so_in_its_name() {
        for environment in Environment::ALL {
            let host = environment.host();
            let is_test = host.starts_with("apitest.") || host.starts_with("api-matest.");
            assert_eq!(environment.is_production(), !is_test, "{host}");
        }
    }
}
