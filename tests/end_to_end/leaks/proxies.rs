//! Proxies that require a password and repeat it.

use std::sync::Arc;

use payment_credentials::hyper::{HyperPort, Proxy, Roots};
use payment_credentials::request::RequestBody;
use payment_credentials::{Endpoint, Environment, PaymentCredentialsPort as _};
use payment_credentials_core::secret::Password;
use payment_credentials_sandbox::vault;

use super::canaries::Signer;
use super::scan::{Scan, assert_clean};
use super::service::{Play, Service, response};
use crate::stage::request;

#[tokio::test(start_paused = true)]
async fn proxies_that_refuse_and_lie() {
    let mut scan = Scan::begin();
    let (user, password) = (scan.word("proxy user"), scan.odd("proxy password"));
    let password = Password::from(password);
    let signer = Signer::new(&mut scan);
    let request = request(vault::VISA, RequestBody::default());
    let said = scan.word("what a proxy says");
    for (name, play) in [
        ("a password refused", Play::Echo(407)),
        ("a bad gateway", Play::Echo(502)),
        ("a proxy that speaks first", Play::Echo(200)),
        ("a response", Play::Answer(response(403, "", &said))),
        ("no HTTP", Play::Answer(said.clone().into_bytes())),
        ("silence", Play::Silence),
    ] {
        let proxy = Proxy::new("http://proxy.example:8080").expect("a proxy");
        let proxy = proxy.with_password(&user, &password).expect("a proxy");
        scan.shown(name, &proxy);
        let endpoint = Endpoint::new(Environment::Test);
        let builder = HyperPort::builder(endpoint, Arc::new(signer.clone()))
            .roots(Roots::Bundled)
            .dialer(Service::dialer(play))
            .proxy(proxy);
        scan.shown(name, &builder);
        let port = builder.build().expect("a port");
        scan.shown(name, &port);
        scan.error(name, &port.generate(&request).await.expect_err("no tunnel"));
    }
    assert_clean(&scan);
}
