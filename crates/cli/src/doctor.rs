//! The whole way of a call, step by step, in the order of causes, up to the first step that fails.

mod call;
mod report;
mod setup;

use crate::arguments::Doctor;
use crate::configuration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use report::{Report, Step};

pub(crate) fn run(arguments: &Doctor, output: Output) -> Result<(), Failure> {
    let mut report = Report::default();
    let ended = examine(arguments, &mut report);
    let failure = ended.err();
    report.skip_the_rest(arguments.offline);
    output.result(|| report.text(), || report.json())?;
    match failure {
        None => Ok(()),
        Some(exit) => {
            let failed = report.first_failed().unwrap_or_default();
            Err(Failure::new(exit, format!("{failed} failed")))
        }
    }
}

fn examine(arguments: &Doctor, report: &mut Report) -> Result<(), Exit> {
    let config = setup::configuration(arguments, report)?;
    setup::keys(&config, report)?;
    let endpoint = setup::host(&config, report)?;
    let opener = setup::opener(&config, arguments, report)?;
    if arguments.offline {
        return Ok(());
    }
    if let Err(failure) = configuration::require_allowed(&endpoint, arguments.production) {
        report.add(Step::failed(
            "permission",
            failure.to_string(),
            "add --production",
        ));
        return Err(Exit::Usage);
    }
    call::examine(&config, &endpoint, opener, arguments, report)
}
