use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::written;

/// Prints a completion script.
pub(crate) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "paycred", &mut script);
    written(&script)
}

/// Prints the manual page of the program and of each command.
pub(crate) fn page() -> Result<(), Failure> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    let of_program = clap_mangen::Man::new(command.clone()).render(&mut page);
    let of_commands = command
        .get_subcommands()
        .filter(|one| one.get_name() != "help");
    let rendered = of_commands.fold(of_program, |rendered, one| {
        rendered.and_then(|()| clap_mangen::Man::new(one.clone()).render(&mut page))
    });
    rendered.map_err(|error| {
        Failure::new(Exit::PartlyDone, "the page can't be written").because(&error)
    })?;
    written(&page)
}
