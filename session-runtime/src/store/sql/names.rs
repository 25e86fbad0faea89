//! What a store's tables are called.

/// Whatever it begins, each name stays within the 63 bytes that PostgreSQL keeps of one, and the 64 characters of MySQL.
const LONGEST_PREFIX: usize = 32;

/// Of one schema, for all engines alike: PostgreSQL cuts off what is longer.
const LONGEST_SCHEMA: usize = 63;

/// What the tables of a SQL store are called, and where they are: for several stores in one database, or for a database that
/// has such names already.
///
/// The name of each table, function or procedure is a word that begins with `session_`, after the prefix if there is one: with
/// `shop_` there are `shop_session_records`, `shop_session_fields` and so on. Stores with different names in one database know
/// nothing of each other's sessions, and each has its tables made and migrated by itself.
///
/// All that comes into SQL is checked here.
///
/// ```
/// use session_runtime::TableNames;
///
/// let names = TableNames::new().with_prefix("shop_")?.in_schema("sessions")?;
/// # Ok::<(), session_runtime::TableNameError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableNames {
    prefix: String,
    schema: Option<String>,
}

impl TableNames {
    /// As they are unless something is said: no prefix; the schema `public` on PostgreSQL, the connection's database on MySQL and
    /// MariaDB.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same names behind this prefix. An empty one is none.
    ///
    /// # Errors
    /// [`Prefix`](TableNameError::Prefix) when it is not up to 32 lower-case ASCII letters, digits and underscores, the first no
    /// digit. Engines differ in whether names that differ in case are different, so there is but one case.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, TableNameError> {
        let is_lower_case = !prefix.bytes().any(|byte| byte.is_ascii_uppercase());
        if prefix.is_empty() || is_lower_case && is_word(prefix, LONGEST_PREFIX) {
            Ok(Self { prefix: prefix.into(), ..self })
        } else {
            Err(TableNameError::Prefix(prefix.into()))
        }
    }

    /// The same names in the schema of this name; on MySQL and MariaDB that is a database. It is created with the tables if it
    /// is not there. SQLite has none: its store refuses such names.
    ///
    /// # Errors
    /// [`Schema`](TableNameError::Schema) when it is not up to 63 ASCII letters, digits and underscores, the first no digit.
    pub fn in_schema(self, schema: &str) -> Result<Self, TableNameError> {
        if is_word(schema, LONGEST_SCHEMA) {
            Ok(Self { schema: Some(schema.into()), ..self })
        } else {
            Err(TableNameError::Schema(schema.into()))
        }
    }

    /// The schema, where one was named.
    pub(in crate::store) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }
}

/// Why there can be no tables of such names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableNameError {
    /// This can't be the beginning of their names.
    #[error(
        "{0:?} can't begin the names of tables: use up to {LONGEST_PREFIX} lower-case ASCII letters, digits and underscores, \
         the first no digit, such as \"shop_\""
    )]
    Prefix(String),
    /// This can't be the name of a schema.
    #[error(
        "{0:?} can't be the name of a schema: use up to {LONGEST_SCHEMA} ASCII letters, digits and underscores, the first no \
         digit"
    )]
    Schema(String),
}

fn is_word(name: &str, longest: usize) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    is_word && begins && name.len() <= longest
}

/// Names as an engine writes them.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Written<'n> {
    names: &'n TableNames,
    /// In which they are; `None` where the engine is to know.
    schema: Option<&'n str>,
    quote: char,
}

impl<'n> Written<'n> {
    pub(in crate::store) fn new(names: &'n TableNames, schema: Option<&'n str>, quote: char) -> Self {
        Self { names, schema, quote }
    }

    /// The SQL with the names in it: `{session_records}` is that table, in its schema. `{prefix}` and `{schema}` are those
    /// alone, not quoted, for where a name has no schema or is a string.
    pub(in crate::store) fn sql(&self, template: &str) -> String {
        let (first, names) = template.split_once('{').unwrap_or((template, ""));
        let named = names.split('{').filter_map(|part| part.split_once('}'));
        named.fold(first.to_owned(), |sql, (name, after)| sql + &self.name(name) + after)
    }

    fn name(&self, name: &str) -> String {
        let quote = self.quote;
        match (name, self.schema) {
            ("prefix", _) => self.names.prefix.clone(),
            ("schema", schema) => schema.unwrap_or_default().into(),
            (object, Some(schema)) => format!("{quote}{schema}{quote}.{quote}{}{object}{quote}", self.names.prefix),
            (object, None) => format!("{quote}{}{object}{quote}", self.names.prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{TableNameError, TableNames, Written};

    #[test]
    fn names_are_plain_words_of_a_length_that_every_engine_takes() {
        for name in ["shop_", "a", "_", "v2_", &"a".repeat(32)] {
            TableNames::new().with_prefix(name).unwrap().in_schema(name).unwrap();
        }
        TableNames::new().with_prefix("").unwrap();
        TableNames::new().in_schema(&"Sessions".repeat(7)).unwrap();
        for name in ["2nd", "a b", "a\"b", "a`b", "a'b", "a;b", "é", "a\0", "a.b", "{prefix}", "a\\", &"a".repeat(64)]
        {
            assert_eq!(TableNames::new().with_prefix(name), Err(TableNameError::Prefix(name.into())));
            assert_eq!(TableNames::new().in_schema(name), Err(TableNameError::Schema(name.into())));
        }
        TableNames::new().with_prefix("Shop_").expect_err("engines differ about case");
        TableNames::new().with_prefix(&"a".repeat(33)).expect_err("with what follows it is too long for some");
        TableNames::new().in_schema("").expect_err("that is no name");
    }

    #[test]
    fn an_error_says_what_to_use() {
        let told = TableNames::new().with_prefix("Shop ").unwrap_err().to_string();
        let expected = "\"Shop \" can't begin the names of tables: use up to 32 lower-case ASCII letters, digits and \
                        underscores, the first no digit, such as \"shop_\"";
        assert_eq!(told, expected);
    }

    #[test]
    fn sql_is_written_with_names() {
        let names = TableNames::new().with_prefix("shop_").unwrap();
        let template = "SELECT '{schema}' FROM {session_a} JOIN {session_b}; CREATE INDEX {prefix}session_c";
        let alone = Written::new(&names, None, '`').sql(template);
        assert_eq!(alone, "SELECT '' FROM `shop_session_a` JOIN `shop_session_b`; CREATE INDEX shop_session_c");
        let inside = Written::new(&names, Some("s"), '"').sql(template);
        let expected = r#"SELECT 's' FROM "s"."shop_session_a" JOIN "s"."shop_session_b"; CREATE INDEX shop_session_c"#;
        assert_eq!(inside, expected);
        assert_eq!(Written::new(&names, None, '"').sql("SELECT 1"), "SELECT 1");
    }

    /// With the longest prefix and the longest schema, what the schemas of all engines make has names that they take.
    #[test]
    fn no_name_is_too_long() {
        let names = TableNames::new().with_prefix(&"p".repeat(32)).unwrap();
        let schemas = [
            #[cfg(feature = "mysql")]
            include_str!("../mysql/schema.sql"),
            #[cfg(feature = "postgres")]
            include_str!("../postgres/schema.sql"),
            #[cfg(feature = "sqlite")]
            include_str!("../sqlite/schema.sql"),
        ];
        for schema in schemas {
            let sql = Written::new(&names, None, '"').sql(schema);
            let words = sql.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            let longest = words.max_by_key(|word| word.len()).unwrap();
            assert!(longest.len() <= 63 && longest.contains("pppp"), "{longest}");
        }
    }
}
