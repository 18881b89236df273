//! Which home: `file:` for the data directory, or `s3://bucket/prefix?…`.

use std::collections::BTreeMap;
use std::fmt;

use url::Url;

/// Where files live, as the configuration says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The data directory.
    #[default]
    Folder,
    /// A bucket of an S3-compatible store.
    Bucket(Box<Bucket>),
}

/// A bucket and the way to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub(super) name: String,
    /// What every key begins with, without slashes at the ends; empty is the whole bucket.
    pub(super) prefix: String,
    /// The server, when it is not Amazon's.
    pub(super) endpoint: Option<String>,
    /// The region; Amazon's first when none is said.
    pub(super) region: Option<String>,
    /// Key id and secret; none asks the machine (Amazon's instance, container or web identity).
    pub(super) keys: Option<(String, String)>,
    /// With keys that end by themselves.
    pub(super) token: Option<String>,
    /// `AWS_` variables that say how the machine is asked.
    pub(super) machine: BTreeMap<String, String>,
}

/// What may stand behind the question mark.
const SHOWN: [&str; 2] = ["endpoint", "region"];
const SECRET: [&str; 3] = ["access_key_id", "secret_access_key", "session_token"];

impl Place {
    /// Reads a place; keys, region and endpoint may also come from the usual `AWS_` variables.
    ///
    /// # Errors
    /// What is wrong, in words that go behind the setting's name and hold no secret.
    pub fn parse(text: &str, environment: &BTreeMap<String, String>) -> Result<Self, String> {
        if text == "file:" {
            return Ok(Self::Folder);
        }
        if !text.starts_with("s3://") {
            return Err("must be file: (the data directory) or s3://bucket/prefix".into());
        }
        let url = Url::parse(text).map_err(|error| format!("is not a URL ({error})"))?;
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() || url.fragment().is_some() {
            return Err("must be s3://bucket/prefix?endpoint=…, with the keys as access_key_id and \
                        secret_access_key behind the question mark"
                .into());
        }
        let name = url.host_str().unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err("names no bucket: s3://bucket/prefix".into());
        }
        let prefix = url.path().trim_matches('/').to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if !prefix.chars().all(plain) || prefix.split('/').any(|part| part == "." || part == "..") {
            return Err("has a prefix with other characters than letters, digits, -, _, . and /".into());
        }
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in url.query_pairs() {
            if !SHOWN.contains(&&*key) && !SECRET.contains(&&*key) {
                return Err(format!("has {key:?}; it takes {} and {}", SHOWN.join(", "), SECRET.join(", ")));
            }
            if !value.is_empty() && given.insert(key.clone().into_owned(), value.into_owned()).is_some() {
                return Err(format!("has {key} twice"));
            }
        }
        let variable = |names: &[&str]| {
            names.iter().find_map(|name| environment.get(*name)).filter(|value| !value.is_empty()).cloned()
        };
        let endpoint = given
            .remove("endpoint")
            .or_else(|| variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]))
            .map(|text| text.trim_end_matches('/').to_owned());
        if let Some(endpoint) = &endpoint {
            let good = Url::parse(endpoint).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
                    && url.query().is_none()
            });
            if !good {
                return Err("has an endpoint that is not http://host:port or https://host".into());
            }
        }
        // A key of the URL goes with the secret of the URL, never with one from elsewhere.
        let (id, secret, token) = match (given.remove("access_key_id"), given.remove("secret_access_key")) {
            (None, None) => (
                variable(&["AWS_ACCESS_KEY_ID"]),
                variable(&["AWS_SECRET_ACCESS_KEY"]),
                variable(&["AWS_SESSION_TOKEN"]),
            ),
            (id, secret) => (id, secret, given.remove("session_token")),
        };
        let keys = match (id, secret) {
            (Some(id), Some(secret)) => Some((id, secret)),
            (Some(_), None) => return Err("has an access_key_id and no secret_access_key".into()),
            (None, Some(_)) => return Err("has a secret_access_key and no access_key_id".into()),
            (None, None) if endpoint.is_some() => {
                return Err("needs access_key_id and secret_access_key, in the URL or as AWS_ACCESS_KEY_ID and \
                            AWS_SECRET_ACCESS_KEY"
                    .into());
            }
            (None, None) => None,
        };
        let region = given.remove("region").or_else(|| variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
        let machine = match keys {
            Some(_) => BTreeMap::new(),
            None => environment.iter().filter(|(name, _)| name.starts_with("AWS_")).map(owned).collect(),
        };
        Ok(Self::Bucket(Box::new(Bucket { name, prefix, endpoint, region, keys, token, machine })))
    }

    /// The text of a place with every secret taken out, also when it cannot be read.
    pub fn mask(text: &str) -> String {
        let Some((front, query)) = text.split_once('?') else {
            return if text.contains('@') { "***".into() } else { text.to_owned() };
        };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((key, value)) if SHOWN.contains(&key) && !value.contains('@') && !value.contains('%') => {
                pair.to_owned()
            }
            Some((key, _)) if SHOWN.contains(&key) || SECRET.contains(&key) => format!("{key}=***"),
            _ => "***".to_owned(),
        });
        format!("{}?{}", Self::mask(front), pairs.collect::<Vec<_>>().join("&"))
    }
}

fn owned((name, value): (&String, &String)) -> (String, String) {
    (name.clone(), value.clone())
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(f, "?endpoint={endpoint}"),
            None => Ok(()),
        }
    }
}

/// Without any secret.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("file:"),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str, environment: &[(&str, &str)]) -> Result<Bucket, String> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        match Place::parse(text, &environment)? {
            Place::Bucket(bucket) => Ok(*bucket),
            Place::Folder => Err("the folder".into()),
        }
    }

    const WHOLE: &str = "s3://desk/a/b/?endpoint=http://127.0.0.1:9000/&region=eu-central-1&access_key_id=AKIA\
                         &secret_access_key=hunter%2F2";

    #[test]
    fn a_url_says_bucket_prefix_server_and_keys() {
        let read = bucket(WHOLE, &[("AWS_REGION", "us-west-2")]).expect("good");
        assert_eq!((read.name.as_str(), read.prefix.as_str()), ("desk", "a/b"));
        assert_eq!(read.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(read.region.as_deref(), Some("eu-central-1"));
        assert_eq!(read.keys, Some(("AKIA".into(), "hunter/2".into())));
    }

    #[test]
    fn keys_come_from_the_usual_variables_but_never_half() {
        let both = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hunter2"), ("AWS_SESSION_TOKEN", "t")];
        let read = bucket("s3://desk?endpoint=https://s3.example.org", &both).expect("good");
        assert_eq!((read.keys, read.token), (Some(("AKIA".into(), "hunter2".into())), Some("t".into())));
        assert!(bucket("s3://desk?access_key_id=mine", &both).is_err(), "no secret from elsewhere");
        assert!(bucket("s3://desk?endpoint=https://s3.example.org", &[]).is_err(), "no keys at all");
        assert_eq!(bucket("s3://desk", &[]).expect("Amazon's machine is asked").keys, None);
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        for wrong in [
            "gs://desk",
            "s3://",
            "s3://AKIA:hunter2@desk",
            "s3://desk?colour=hunter2",
            "s3://desk?secret_access_key=hunter2",
            "s3://desk?endpoint=ftp://x&access_key_id=a&secret_access_key=hunter2",
            "s3://desk?endpoint=http://a:hunter2@x&access_key_id=a&secret_access_key=b",
            "s3://desk/pre fix?access_key_id=a&secret_access_key=hunter2",
            "s3://desk?region=a&region=b",
        ] {
            let said = bucket(wrong, &[]).expect_err(wrong);
            assert!(!said.contains("hunter2"), "{said}");
            assert!(!Place::mask(wrong).contains("hunter2"), "{}", Place::mask(wrong));
        }
    }

    #[test]
    fn what_is_printed_has_no_secret() {
        let place = Place::parse(WHOLE, &BTreeMap::new()).expect("good");
        assert_eq!(format!("{place} {place:?}").matches("s3://desk/a/b?endpoint=http://127.0.0.1:9000").count(), 2);
        let masked = Place::mask(WHOLE);
        assert!(masked.ends_with("region=eu-central-1&access_key_id=***&secret_access_key=***"), "{masked}");
    }
}
