use std::path::Path;

use payment_credentials_core::MerchantId;

use super::scope::is_shared;
use crate::config::Config;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::merchant_table::MerchantTable;

/// The most merchants of one configuration, whose key files are all read at once.
const MAX_MERCHANTS: usize = 1000;

impl Config {
    /// The configuration of each merchant: of the tables and the folder's files, or of the fields alone.
    ///
    /// Those with a mistake are recorded and left out, so that the files of the others are read all the same.
    pub(crate) fn each_merchant(
        &self,
        mistakes: &mut Mistakes,
    ) -> Result<Vec<(MerchantId, Self)>, Recorded> {
        let shared = self.fields();
        let mut tables = self.tables().to_vec();
        if let Some(folder) = shared.path(Field::MERCHANTS_DIRECTORY) {
            let paths = self.files().listed(Field::MERCHANTS_DIRECTORY, folder);
            let paths = mistakes.keep(paths)?;
            if tables.is_empty() && paths.is_empty() {
                let rule = "names a folder without a configuration file; put a file for each merchant \
                            there, such as bakery.toml";
                mistakes.add(shared.diagnostic(Field::MERCHANTS_DIRECTORY, rule));
            }
            let in_files = paths
                .iter()
                .map(|path| mistakes.keep_errors(self.in_file(path)));
            tables.extend(in_files.flatten());
        } else if tables.is_empty() {
            let id = mistakes.keep(shared.required_parsed(Field::MERCHANT_ID, ID))?;
            return Ok(vec![(id, self.clone())]);
        }
        if shared.has(Field::MERCHANT_ID) {
            let rule = "is given beside merchants, each of which has an id of its own; delete it, or \
                        make it a merchant too";
            mistakes.add(shared.diagnostic(Field::MERCHANT_ID, rule));
        }
        if tables.len() > MAX_MERCHANTS {
            let rule =
                format!("has more than {MAX_MERCHANTS} merchants; make several configurations");
            return Err(mistakes.add(shared.diagnostic(Field::MERCHANTS_DIRECTORY, rule)));
        }
        let each = tables
            .iter()
            .map(|table| mistakes.keep(self.of_table(table)));
        let each: Vec<_> = each.collect::<Vec<_>>().into_iter().flatten().collect();
        for (at, (id, config)) in each.iter().enumerate() {
            let mut earlier = each.iter().take(at);
            if let Some((_, other)) = earlier.find(|(earlier, _)| earlier == id) {
                let field = Field::MERCHANT_ID;
                let other = other.fields().about_all("");
                let rule = format!(
                    "is the merchant of two tables, the other one in {}; keep one of them",
                    other.origin()
                );
                mistakes.add(config.fields().diagnostic(field, rule));
            }
        }
        Ok(each)
    }

    /// The fields of one merchant, in a file that has the merchant's name.
    fn in_file(&self, path: &Path) -> Result<MerchantTable, ConfigError> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let config = Self::from_file(path)?;
        if !config.tables().is_empty() {
            let rule = "names a folder with a file that has merchants itself; make each a file";
            let field = Field::MERCHANTS_DIRECTORY;
            return Err(self.fields().diagnostic(field, rule).into());
        }
        Ok(MerchantTable {
            name: name.into_owned(),
            fields: config.fields().clone(),
            is_file: true,
        })
    }

    fn of_table(&self, table: &MerchantTable) -> Result<(MerchantId, Self), Diagnostic> {
        let field = Field::MERCHANT_ID;
        let folder = Field::MERCHANTS_DIRECTORY;
        if table.fields.has(folder) {
            let rule = "is of no use in a merchant's own table; set it outside of the table";
            return Err(table.fields.diagnostic(folder, rule));
        }
        if let Some(shared) = table.fields.all().find(|field| is_shared(field)) {
            let rule =
                "belongs to what all merchants share; set it outside of the merchant's table";
            return Err(table.fields.diagnostic(shared, rule));
        }
        let fields = self.fields().of_table(&table.fields);
        let id = if table.fields.has(field) {
            fields.required_parsed(field, ID)?
        } else {
            let parsed = fields.parse(field, &table.name);
            parsed.map_err(|_unsaid| name_of(table))?
        };
        let config = self.with_fields(fields.with_merchant(&id));
        Ok((id, config))
    }
}

/// The mistake that the name of a merchant's table or file is no merchant's id.
fn name_of(table: &MerchantTable) -> Diagnostic {
    if table.is_file {
        return table.fields.about_all(
            "has a name that can't be a merchant's id, which has letters, digits, - and _ alone; delete the file if it \
             is a copy, or set merchant_id in it",
        );
    }
    let rule = "can't be used: it is the table's name, and a merchant's id has letters, digits, - and _ alone; rename \
                the table, or set merchant_id in it";
    table.fields.diagnostic(Field::MERCHANT_ID, rule)
}

const ID: &str = "give the merchant's id that the vendor's Business Center (its web console) shows";
