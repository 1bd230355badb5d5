//! The hot paths and whole calls beside the bare libraries, by turns, in one run of two minutes.
//!
//! `cargo bench -p payment-credentials-measure --bench compare`; behind ` -- `, the names of some callers
//! (`Inline`, `TokioOffload`) leave out the others. `tests/alternatives` adds other libraries.

use payment_credentials_measure::bare::Bare;
use payment_credentials_measure::compare::compare;

#[tokio::main]
async fn main() {
    compare(&[&Bare::default()]).await;
}
