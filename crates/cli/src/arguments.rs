use std::error::Error as _;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use payment_credentials_core::{ProfileId, TokenId};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::without_numbers;

const AFTER: &str = "\
Exit codes:
  0    done
  1    something that was looked for was found, or not: see the command
  2    the arguments aren't understood
  3    the configuration or a file can't be used
  4    the service refused the request
  5    sent, and whether the service acted on it is unknown
  6    not sent
  7    the service responded, but its response couldn't be opened or printed
  130  interrupted by Ctrl-C

Secrets are never arguments: they come from files and from CYBERSOURCE_… variables.";

/// Payment credentials of stored cards from CyberSource's Token Management Service (TMS).
#[derive(Debug, Parser)]
#[command(name = "paycred", version, after_help = AFTER, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print results and failures as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// With a failure, print how it is classified
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(Generate),
    Open(Open),
    Keys(Keys),
    Doctor(Doctor),
    Explain(Explain),
    #[cfg(feature = "sandbox")]
    Sandbox(Sandbox),
    /// Print a script that completes this program's arguments
    Completions {
        /// The shell that reads it
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

/// Where the configuration comes from.
#[derive(Args, Debug)]
pub(crate) struct Configured {
    /// The configuration: TOML, JSON, or Java properties; also one of the vendor's SDKs. CYBERSOURCE_…
    /// variables replace its fields, or stand alone
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// Whether whole numbers are printed.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Reveal {
    /// Print whole numbers and the cryptogram, on a terminal
    #[arg(long)]
    pub(crate) reveal: bool,

    /// With --reveal: also into a file or another program
    #[arg(long, requires = "reveal")]
    pub(crate) reveal_anywhere: bool,
}

/// Ask the service for the payment credentials of a stored card, and open them
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred generate 7010000000016241111 --config paycred.toml
  paycred generate 7010000000016241111 --type NETWORK_TOKEN    # without a cryptogram
  paycred generate 7010000000016241111 --sealed > response.jwe; paycred open response.jwe")]
pub(crate) struct Generate {
    /// The id of the stored card
    pub(crate) token_id: TokenId,

    #[command(flatten)]
    pub(crate) configured: Configured,

    /// What is asked for; without it the service's default, a cryptogram
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) credential_type: Option<CredentialType>,

    /// What the credentials are for
    #[arg(long, value_name = "TYPE")]
    pub(crate) transaction_type: Option<TransactionType>,

    /// The id of the vault profile
    #[arg(long, value_name = "ID")]
    pub(crate) profile_id: Option<ProfileId>,

    /// The version of the operation; without it the configuration's, or v3
    #[arg(long, value_name = "VERSION")]
    pub(crate) api_version: Option<Version>,

    /// Print the JWE of the response, and don't open it
    #[arg(long, conflicts_with = "reveal")]
    pub(crate) sealed: bool,

    #[command(flatten)]
    pub(crate) reveal: Reveal,

    /// Allow a call to a host that isn't one of the vendor's test hosts
    #[arg(long)]
    pub(crate) production: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum CredentialType {
    NetworkToken,
    Cryptogram,
    SecurityCode,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum TransactionType {
    Ecom,
    Aft,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Version {
    V2,
    V3,
}

/// Open a response that was kept: a JWE
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred open response.jwe --config paycred.toml
  pbpaste | paycred open - --key opening-key.pem")]
pub(crate) struct Open {
    /// The file with the JWE; `-` is standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) configured: Configured,

    /// The private key that opens it, instead of the configuration's
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    pub(crate) key: Option<PathBuf>,

    /// The file that holds the key's password
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) password_file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) reveal: Reveal,
}

/// Say what key files hold, or which keys a configuration has
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred keys acme.p12 --password-file password.txt
  paycred keys --config paycred.toml --expires-within 30    # exit code 1 if one does
  paycred keys --config paycred.toml --json                 # an inventory")]
pub(crate) struct Keys {
    /// Key files: PKCS#12, PEM, DER, JWK, PKCS#7
    #[arg(value_name = "FILE", conflicts_with = "config")]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) configured: Configured,

    /// The file that holds the password of the key files
    #[arg(long, value_name = "FILE", requires = "files")]
    pub(crate) password_file: Option<PathBuf>,

    /// End with exit code 1 if a certificate has expired, or expires within so many days
    #[arg(long, value_name = "DAYS")]
    pub(crate) expires_within: Option<u32>,
}

/// Examine the whole way of a call, step by step, and name the first step that fails
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred doctor --config paycred.toml --offline    # configuration and keys alone
  paycred doctor --config paycred.toml              # one request for an id that can't exist
  paycred doctor --config paycred.toml --token-id 7010000000016241111")]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) configured: Configured,

    /// Examine only what needs no network
    #[arg(long)]
    pub(crate) offline: bool,

    /// Ask for the network token of this stored card, and open the response; no cryptogram is made
    #[arg(long, value_name = "ID", conflicts_with = "offline")]
    pub(crate) token_id: Option<TokenId>,

    /// Allow a call to a host that isn't one of the vendor's test hosts
    #[arg(long)]
    pub(crate) production: bool,
}

/// Say what a status or a kind of error means, and what to do
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred explain 403
  paycred explain refused_throttled
  paycred explain            # lists what can be explained")]
pub(crate) struct Explain {
    /// A status such as 403, a kind of error such as `refused_forbidden`
    pub(crate) word: Option<String>,
}

/// Serve the sandbox for clients in any language, with a line for each request
#[cfg(feature = "sandbox")]
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  paycred sandbox --files ./sandbox            # writes keys and configurations for each SDK
  paycred sandbox --port 8443 --proxy-port 8080 --state ~/.paycred-sandbox
  paycred generate 7010000000016241111 --config ./sandbox/payment-credentials.toml")]
pub(crate) struct Sandbox {
    /// The port on loopback; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// The port of the CONNECT proxy, for clients that can't be pointed elsewhere; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) proxy_port: u16,

    /// A folder that keeps keys and ids, so that they are the same the next time
    #[arg(long, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,

    /// Write what clients need into this folder: keys, certificates, configurations, and how to use them
    #[arg(long, value_name = "FOLDER")]
    pub(crate) files: Option<PathBuf>,

    /// Take only what the vendor's documents prescribe, and nothing that the service tolerates besides
    #[arg(long)]
    pub(crate) strict: bool,

    /// Whether requests are encrypted
    #[arg(long, value_name = "WHEN", default_value = "optional")]
    pub(crate) request_mle: When,

    /// Whether responses are encrypted
    #[arg(long, value_name = "WHEN", default_value = "optional")]
    pub(crate) response_mle: When,

    /// Seconds by which the sandbox's clock is ahead; negative for behind
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(crate) clock_offset: i64,

    /// A JSON file with faults to inject
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,

    /// End when standard input ends, as it does when the program ends that has started the sandbox
    #[arg(long)]
    pub(crate) with_parent: bool,

    /// Accept the keys of this configuration too; never one that names a production host
    #[arg(long, value_name = "FILE")]
    pub(crate) enrol: Option<PathBuf>,
}

#[cfg(feature = "sandbox")]
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum When {
    Off,
    Optional,
    Mandatory,
}

/// What clap says: help and version go to standard output, mistakes are a failure.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are mistakes")]
pub(crate) fn explained(error: &clap::Error) -> Result<(), Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that has gone away has read enough.
            let _ = error.print();
            Ok(())
        }
        _ => Err(Failure::new(Exit::Usage, mistake(error))),
    }
}

/// What is wrong with the arguments, without what was given: that may be a secret or a card number.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "all others may repeat what was given"
)]
fn mistake(error: &clap::Error) -> String {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.as_str(),
        _ => "",
    };
    match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let why = error.source().map(|why| format!(": {why}"));
            let known = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(known)) if !known.is_empty() => {
                    format!("; it may be {}", known.join(", "))
                }
                _ => String::new(),
            };
            format!("{argument} can't be used{}{known}", why.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::ArgumentConflict
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            without_numbers(&error.to_string()).trim_end().to_owned()
        }
        _ => "an argument isn't known here, or has a value too many; it isn't shown, since it may be a secret. \
              `paycred help` lists the commands, and `paycred help COMMAND` their arguments"
            .to_owned(),
    }
}
