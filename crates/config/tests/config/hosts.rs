//! Row G17: which host a configuration names. Credentials never go to a stranger by a slip of the pen.

use payment_credentials_core::Environment;

use crate::fixtures::{assert_says, notes, toml};

/// The host that a text stands for, or the rule that it breaks.
fn host(text: &str) -> Result<String, String> {
    let config = toml(&format!("run_environment = '{text}'"));
    let endpoint = config.endpoint().map_err(|error| {
        let error = error.to_string();
        let rule = error.strip_prefix("TOML: run_environment ");
        rule.expect("of this field").to_owned()
    });
    Ok(endpoint?.base().host().to_string())
}

#[test]
fn g17_words_and_the_constants_of_all_sdks_stand_for_their_hosts() {
    for (text, expected) in [
        ("test", "apitest.cybersource.com"),
        ("production", "api.cybersource.com"),
        ("Production", "api.cybersource.com"),
        ("CyberSource.Environment.SANDBOX", "apitest.cybersource.com"),
        ("cyberSource.environment.PRODUCTION", "api.cybersource.com"),
        (
            "cybersource.in.environment.PRODUCTION",
            "api.in.cybersource.com",
        ),
        (
            "CYBESOURCE.IN.ENVIRONMENT.PRODUCTION",
            "api.in.cybersource.com",
        ),
        (
            "CyberSource.Environment.MutualAuth.SANDBOX",
            "api-matest.cybersource.com",
        ),
        (
            "cybersource.environment.mutualauth.production",
            "api-ma.cybersource.com",
        ),
        (
            "bankofamerica.environment.SANDBOX",
            "apitest.merchant-services.bankofamerica.com",
        ),
        (
            "BANKOFAMERICA.ENVIRONMENT.PRODUCTION",
            "api.merchant-services.bankofamerica.com",
        ),
    ] {
        assert_eq!(host(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn g17_every_documented_host_is_taken_without_a_note() {
    for environment in Environment::ALL {
        let name = environment.host();
        assert_eq!(host(name).as_deref(), Ok(name));
        let config = toml(&format!("run_environment = '{name}'"));
        assert_eq!(notes(&config), [""; 0], "{name}");
    }
}

#[test]
fn g17_other_words_are_refused_with_the_word_that_was_meant() {
    for (text, meant) in [
        (
            "sandbox",
            "did you mean test, which is apitest.cybersource.com?",
        ),
        (
            "tset",
            "did you mean test, which is apitest.cybersource.com?",
        ),
        (
            "prod",
            "did you mean production, which is api.cybersource.com?",
        ),
        (
            "producton",
            "did you mean production, which is api.cybersource.com?",
        ),
        (
            "apitest",
            "did you mean test, which is apitest.cybersource.com?",
        ),
        (
            "live:443",
            "did you mean production, which is api.cybersource.com?",
        ),
    ] {
        let expected = format!("is a word that stands for no host; {meant}");
        assert_eq!(host(text), Err(expected), "{text}");
    }
    let single = "is a single word; give test, production or a host, and a name in your own network as \
                  https://name";
    for text in ["gateway", "gateway:8443", "localhost", "payments-proxy/"] {
        assert_eq!(host(text), Err(single.to_owned()), "{text}");
    }
    assert_eq!(host("https://gateway").as_deref(), Ok("gateway"));
    assert_eq!(host("https://gateway:8443").as_deref(), Ok("gateway"));
    let constant = host("cybersource.environment.mutualauth.sit").expect_err("none");
    assert!(
        constant.starts_with("is none of the constants"),
        "{constant}"
    );
}

#[test]
fn g17_a_near_miss_of_a_known_host_is_refused_with_that_host() {
    for (text, near) in [
        ("apitest.cybersourse.com", "apitest.cybersource.com"),
        ("api.cybersource.co", "api.cybersource.com"),
        ("api-cybersource.com", "api.cybersource.com"),
        ("apitset.cybersource.com", "apitest.cybersource.com"),
        ("API.CYBERSOUCE.COM:443", "api.cybersource.com"),
        ("https://apitest.cybersourse.com", "apitest.cybersource.com"),
        ("https://api.visaacceptence.com/", "api.visaacceptance.com"),
        ("http://api.cybersource.cm:80", "api.cybersource.com"),
    ] {
        let expected = format!(
            "is nearly {near}; correct it, or make the endpoint in code if it is the right one"
        );
        let lookalike = "looks like the vendor's domain and isn't; correct it".to_owned();
        let refused = host(text).expect_err(text);
        assert!(
            [expected, lookalike].contains(&refused),
            "{text}: {refused}"
        );
    }
}

#[test]
fn g17_a_lookalike_of_the_vendors_domain_is_refused() {
    for text in [
        "sandbox.cybersorce.com",
        "payments.cyber-source.com",
        "cybersouce.example",
        "apitest.cybersource.com.com",
        "api.cybersource.com.evil.example",
        "apicybersource.com",
        "my.visaaceptance.com",
    ] {
        for text in [text.to_owned(), format!("https://{text}")] {
            assert!(host(&text).is_err(), "{text}");
        }
    }
}

const OWN: &str = "TOML: run_environment has the vendor's name and isn't in the vendor's domain, and credentials go \
                   there; check that it is a host of your own";

#[test]
fn g17_a_host_of_ones_own_with_the_vendors_name_needs_its_scheme_and_is_noted() {
    for own in [
        "cybersource.internal.example",
        "cybersource-proxy.example",
        "proxy.cybersource.local",
        "cybersource.payments.svc.cluster.local",
        "cybersource-api.com",
        "acme-cybersource.net",
        "cybersource.co.shop",
    ] {
        let expected = "has the vendor's name and isn't in the vendor's domain; give apitest.cybersource.com or \
                        api.cybersource.com, or a host of your own as https://name";
        assert_eq!(host(own), Err(expected.to_owned()), "{own}");
        let meant = format!("https://{own}");
        assert_eq!(host(&meant).as_deref(), Ok(own));
        let config = toml(&format!("run_environment = '{meant}'"));
        assert_says(&notes(&config), OWN);
    }
    for own in ["cybersource", "cybersource-proxy"] {
        let config = toml(&format!("run_environment = 'https://{own}'"));
        assert_says(&notes(&config), OWN);
    }
}

#[test]
fn g17_the_vendors_name_under_another_top_level_domain_is_refused() {
    for text in [
        "cybersource.eu",
        "sandbox.cybersource.co.uk",
        "rest.cybersource.org",
        "gateway.cybersource.io",
        "payments.visaacceptance.net",
        "merchant.bankofamerica.co",
    ] {
        for text in [text.to_owned(), format!("https://{text}")] {
            let refused = host(&text).expect_err(&text);
            let rule = "has the vendor's name under another top-level domain; give apitest.";
            assert!(refused.starts_with(rule), "{text}: {refused}");
        }
    }
}

#[test]
fn g17_hosts_of_the_vendors_other_services_are_refused_by_their_name() {
    for (text, service) in [
        ("apitest.authorize.net", "Authorize.net"),
        ("https://api.authorize.net", "Authorize.net"),
        ("ics2wstesta.ic3.com", "the SOAP API"),
        ("https://ics2ws.ic3.com/", "the SOAP API"),
    ] {
        let expected = format!(
            "is a host of {service}, another service of the vendor's; give apitest.cybersource.com or \
             api.cybersource.com"
        );
        assert_eq!(host(text), Err(expected));
    }
}

#[test]
fn g17_an_address_that_is_misspelled_around_the_host_is_told_so() {
    for (text, expected) in [
        (
            "apitest.cybersource.com,api.cybersource.com",
            "holds more than one host, or a blank; give one host",
        ),
        (
            "apitest.cybersource.com; api.cybersource.com",
            "holds more than one host, or a blank; give one host",
        ),
        (
            "apitest.cybersource.com api",
            "holds more than one host, or a blank; give one host",
        ),
        (
            "https//apitest.cybersource.com",
            "lacks the colon of https://; write it, or the host alone",
        ),
        (
            "apitest.cybersource.com;",
            "ends in a comma or semicolon that is a part of the value here; delete it",
        ),
        (
            "https:/apitest.cybersource.com",
            "lacks a slash of https://; write both, or the host alone",
        ),
        (
            "https:apitest.cybersource.com",
            "lacks a slash of https://; ",
        ),
        ("apitest.cybersource.com.", "ends in a dot; delete it"),
        ("https://api.cybersource.com.", "ends in a dot; delete it"),
    ] {
        let refused = host(text).expect_err(text);
        assert!(refused.starts_with(expected), "{text}: {refused}");
    }
}

#[test]
fn g17_every_slip_of_one_letter_in_a_known_host_is_refused() {
    let known = Environment::ALL.map(Environment::host);
    let mut slips = 0;
    for name in known {
        for at in 0..name.len() {
            let (before, after) = name.split_at(at);
            let rest = &after[1..];
            for slip in [
                format!("{before}{rest}"),
                format!("{before}x{after}"),
                format!("{before}x{rest}"),
            ] {
                if known.contains(&slip.as_str()) {
                    continue;
                }
                for text in [slip.clone(), format!("https://{slip}")] {
                    let is_the_vendors = slip.ends_with(".cybersource.com")
                        || slip.ends_with(".visaacceptance.com")
                        || slip.ends_with(".bankofamerica.com");
                    if text.starts_with("https") && is_the_vendors {
                        continue;
                    }
                    assert!(host(&text).is_err(), "{text}");
                    slips += 1;
                }
            }
        }
    }
    assert!(slips > 1000, "{slips}");
}

#[test]
fn g17_a_domain_of_the_vendor_is_told_to_be_no_host() {
    let expected = "is the vendor's domain, and no host in it; give apitest.cybersource.com or api.cybersource.com";
    for text in ["cybersource.com", "https://cybersource.com/"] {
        assert_eq!(host(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn g17_another_port_of_a_documented_host_is_noted_as_such() {
    let config = toml("run_environment = 'apitest.cybersource.com:8443'");
    let expected =
        "TOML: run_environment has another port than 443, which is the vendor's; delete the port";
    assert_eq!(notes(&config), [expected]);
    let same = toml("run_environment = 'https://apitest.cybersource.com:443'");
    assert_eq!(notes(&same), [""; 0]);
}

#[test]
fn g17_a_new_host_of_the_vendor_is_given_with_its_scheme_and_noted() {
    let refused = host("api.eu.cybersource.com").expect_err("as near as a slip");
    assert!(refused.starts_with("is nearly api."), "{refused}");
    let config = toml("run_environment = 'https://api.eu.cybersource.com'");
    let endpoint = config.endpoint().expect("an endpoint");
    assert_eq!(endpoint.base().host().to_string(), "api.eu.cybersource.com");
    assert_says(
        &notes(&config),
        "TOML: run_environment is not a host that the vendor documents, though in the vendor's domain; check that it is the right one",
    );
    assert_eq!(host("gateway.example").as_deref(), Ok("gateway.example"));
}
