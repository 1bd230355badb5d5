//! What a JSON text is that has fields inside of something else: a store of secrets returned it so.

use crate::field::{Named, looked_up};
use crate::raw::Raw;

/// The members that a wrapper has, and what to do with it.
struct Wrapper {
    has: &'static [&'static str],
    rule: &'static str,
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        has: &["apiVersion", "kind"],
        rule: "is a Kubernetes manifest; write the fields inside of its data or stringData at the top level of a file \
               of their own (data is in base64), or mount the Secret as files",
    },
    Wrapper {
        has: &["request_id", "data"],
        rule: "is what `vault` prints; write the fields inside of its data at the top level, as \
               `vault kv get -format=json PATH | jq .data.data` does",
    },
    Wrapper {
        has: &["SecretString"],
        rule: "is what `aws secretsmanager get-secret-value` prints; write the object inside of SecretString alone, as \
               the options `--query SecretString --output text` do",
    },
    Wrapper {
        has: &["Parameter"],
        rule: "is what `aws ssm get-parameter` prints; write the object inside of its Value alone, as the options \
               `--query Parameter.Value --output text` do",
    },
    Wrapper {
        has: &["value", "id", "attributes"],
        rule: "is what `az keyvault secret show` prints; write the object inside of its value alone, as the options \
               `--query value --output tsv` do",
    },
    Wrapper {
        has: &["payload", "name"],
        rule: "is what Google's Secret Manager returns; write the object inside of payload.data alone, decoded, as \
               `gcloud secrets versions access` prints it",
    },
    Wrapper {
        has: &["sops"],
        rule: "is encrypted by sops; decrypt it first, with `sops decrypt`",
    },
];

const TERRAFORM: &str = "is what `terraform output -json` prints; write each value alone, as \
                         `terraform output -json | jq 'map_values(.value)'` does";

/// The rule that an object breaks which has the fields inside of something else.
pub(crate) fn wrapper(members: &[(String, Raw)]) -> Option<&'static str> {
    let has = |sought: &&str| members.iter().any(|(name, _)| name == sought);
    let is_of_terraform = |(_, value): &(String, Raw)| {
        let Raw::Table(members) = value else {
            return false;
        };
        let has = |sought: &str| members.iter().any(|(name, _)| name == sought);
        has("value") && (has("sensitive") || has("type"))
    };
    if !members.is_empty() && members.iter().all(is_of_terraform) {
        return Some(TERRAFORM);
    }
    let wrapper = WRAPPERS
        .iter()
        .find(|wrapper| wrapper.has.iter().all(has))?;
    // Beside real fields, such a member is one that isn't read, and is told of as such; encryption changes all values.
    let is_other_field = |(name, _): &(String, Raw)| {
        !wrapper.has.contains(&name.as_str()) && matches!(looked_up(name), Named::Field { .. })
    };
    let is_encrypted = wrapper.has == ["sops"];
    (is_encrypted || !members.iter().any(is_other_field)).then_some(wrapper.rule)
}

/// The rule that a JSON text breaks which is no object.
pub(crate) fn no_object(raw: &Raw) -> &'static str {
    if matches!(raw, Raw::Text(text) if text.trim_start().starts_with('{')) {
        return "holds an object inside of a text, as where JSON was encoded twice; write the object itself, without \
                the quotes around it and the backslashes in it";
    }
    if matches!(raw, Raw::List(entries) if !entries.is_empty()) {
        return "is a list; write one object, with fields as its members, and the merchants, if there are several, as \
                \"merchants\": {\"bakery\": {}}";
    }
    "must be an object, with fields as its members"
}
