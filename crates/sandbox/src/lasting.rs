//! What a sandbox is made of: new at each start, or kept in a folder.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::builder::SandboxBuilder;
use crate::error::{StartError, Step};
use crate::identity::Identity;
use crate::keystore_authority::BoxError;
use crate::merchant;
use crate::portfolio;
use crate::private_files;
use crate::rsa_keys::{Role, RsaKeys};
use crate::server_certificate::{self, Certified, Leaf, Reach};

/// The file that holds it all.
const FILE: &str = "sandbox-state.json";
/// An empty file, which is locked while a sandbox uses the folder. The other is replaced, so it can't be that one.
const LOCK: &str = "sandbox.lock";
const BROKEN: &str = "sandbox-state.json can't be read; delete it, and a start makes another";

/// Identity, keys and certificates of one sandbox.
pub(crate) struct Material {
    pub(crate) identity: Identity,
    pub(crate) keys: Arc<RsaKeys>,
    pub(crate) certified: Certified,
    /// Keeps other sandboxes out of the folder.
    pub(crate) lock: Option<File>,
}

impl Material {
    pub(crate) fn of(setup: &SandboxBuilder) -> Result<Self, StartError> {
        match &setup.folder {
            None => Self::passing(setup),
            Some(folder) => {
                kept(folder, setup).map_err(|cause| StartError::new(Step::Folder, cause))
            }
        }
    }

    fn passing(setup: &SandboxBuilder) -> Result<Self, StartError> {
        let keys = if setup.are_keys_fresh {
            Arc::default()
        } else {
            RsaKeys::shared()
        };
        let certified = server_certificate::certify(Reach::AllHosts)
            .map_err(|cause| StartError::new(Step::Certificate, cause))?;
        let identity =
            identity(setup).map_err(|cause| StartError::new(Step::MerchantKey, cause))?;
        Ok(Self {
            identity,
            keys,
            certified,
            lock: None,
        })
    }
}

fn identity(setup: &SandboxBuilder) -> Result<Identity, aws_lc_rs::error::Unspecified> {
    let merchant = setup.merchant.as_deref().unwrap_or(merchant::ID);
    let portfolio = setup.portfolio.as_deref().unwrap_or(portfolio::ID);
    Identity::generate(merchant, portfolio)
}

/// The material of the folder, which is completed if it isn't there or other ids are asked for.
fn kept(folder: &Path, setup: &SandboxBuilder) -> Result<Material, BoxError> {
    private_files::prepare_folder(folder)?;
    let lock = Some(private_files::lock(folder, LOCK)?);
    let Some(content) = private_files::read(folder, FILE)? else {
        let material = Material {
            identity: identity(setup)?,
            keys: Arc::default(),
            certified: server_certificate::certify(Reach::TestHosts)?,
            lock,
        };
        save(folder, &material)?;
        return Ok(material);
    };
    let state: State = serde_json::from_slice(&content).map_err(|_broken| BROKEN)?;
    let mut material = state.into_material().ok_or(BROKEN)?;
    material.lock = lock;
    let own = &mut material.identity;
    let mut is_other = false;
    for (account, asked) in [
        (&mut own.merchant, &setup.merchant),
        (&mut own.portfolio, &setup.portfolio),
    ] {
        if let Some(asked) = asked.as_ref().filter(|asked| **asked != account.owner) {
            account.owner.clone_from(asked);
            is_other = true;
        }
    }
    if own.merchant.owner == own.portfolio.owner {
        return Err("merchant and portfolio have the same id, one of them from the folder".into());
    }
    if is_other {
        save(folder, &material)?;
    }
    Ok(material)
}

fn save(folder: &Path, material: &Material) -> Result<(), BoxError> {
    let mut rsa = BTreeMap::new();
    for role in Role::ALL {
        rsa.insert(
            role.name().to_owned(),
            STANDARD.encode(&**material.keys.pkcs8(role)?),
        );
    }
    let certified = &material.certified;
    let leaf = |leaf: &Leaf| StoredLeaf {
        certificate: STANDARD.encode(&leaf.certificate),
        key: STANDARD.encode(&*leaf.key),
    };
    let state = StateToSave {
        identity: &material.identity,
        keys: &Keys {
            rsa,
            root: STANDARD.encode(&certified.root),
            own: leaf(&certified.own),
            elsewhere: leaf(&certified.elsewhere),
        },
    };
    let content = Zeroizing::new(serde_json::to_vec_pretty(&state)?);
    private_files::write(folder, FILE, &content)?;
    Ok(())
}

#[derive(Serialize)]
struct StateToSave<'a> {
    identity: &'a Identity,
    keys: &'a Keys,
}

#[derive(Deserialize)]
struct State {
    identity: Identity,
    keys: Keys,
}

/// Keys and certificates as base64 of DER.
#[derive(Deserialize, Serialize)]
struct Keys {
    rsa: BTreeMap<String, String>,
    root: String,
    own: StoredLeaf,
    elsewhere: StoredLeaf,
}

#[derive(Deserialize, Serialize)]
struct StoredLeaf {
    certificate: String,
    key: String,
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.rsa.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Drop for StoredLeaf {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl State {
    /// None unless all keys are there.
    fn into_material(self) -> Option<Material> {
        let decode = |text: &str| STANDARD.decode(text).ok();
        let keys = RsaKeys::default();
        for role in Role::ALL {
            let key = decode(self.keys.rsa.get(role.name())?)?;
            keys.set(role, Zeroizing::new(key));
        }
        let leaf = |leaf: &StoredLeaf| {
            Some(Leaf {
                certificate: decode(&leaf.certificate)?,
                key: Zeroizing::new(decode(&leaf.key)?),
            })
        };
        Some(Material {
            keys: Arc::new(keys),
            certified: Certified {
                root: decode(&self.keys.root)?,
                own: leaf(&self.keys.own)?,
                elsewhere: leaf(&self.keys.elsewhere)?,
            },
            identity: self.identity,
            lock: None,
        })
    }
}
