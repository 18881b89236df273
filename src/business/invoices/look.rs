//! How the business wants its documents to look: colour, logo, foot.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::paper::{Logo, Look};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::business::media::model::Media;
use crate::business::settings::model::{Business, accent};
use crate::business::{media, settings};
use crate::platform::codec::Source;
use crate::platform::codec::picture::{self, Drawn, Size};
use crate::platform::db::Db;
use crate::platform::files::Files;

/// Pixels of a logo: 60 mm at 340 dots an inch.
const MOST: Size = Size { width: 800, height: 400 };
/// A logo that takes longer to read is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes read at once.
const WINDOW: u64 = 256 << 10;

/// The logo of a picture; none when it cannot be drawn.
type Last = (Id<Media>, Option<Logo>);

/// Makes looks; keeps the last logo, since every document has the same. Cheap to clone.
#[derive(Clone)]
pub struct Looks {
    db: Db,
    files: Files,
    last: Arc<Mutex<Option<Last>>>,
    // Reading never stops by it: a logo is small.
    stop: Arc<watch::Sender<bool>>,
}

impl Looks {
    /// Looks over these.
    pub fn new(db: Db, files: Files) -> Self {
        Self { db, files, last: Arc::default(), stop: Arc::new(watch::channel(false).0) }
    }

    /// The look of the business now.
    ///
    /// # Errors
    /// `database_unavailable`. A logo that cannot be read is left out, and said in the log.
    pub async fn now(&self, draft: bool) -> Result<Look> {
        let business = self.db.read(|tx| settings::actions::get(tx)).await?.business;
        let logo = match business.invoicing.logo_id {
            Some(id) => self.logo(id.cast()).await,
            None => None,
        };
        Ok(look(business, logo, draft))
    }

    async fn logo(&self, id: Id<Media>) -> Option<Logo> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, logo)) = last
            && of == id
        {
            return logo;
        }
        match self.read(id).await {
            Ok(logo) => {
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, Some(logo.clone())));
                Some(logo)
            }
            Err(error) => {
                tracing::warn!(media = %id, %error, "the logo is left out: it cannot be read");
                // What cannot be read now may be there later, unless it is no picture at all.
                if matches!(error.code, Code::NotFound | Code::UnsupportedMediaType | Code::TooLarge) {
                    *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, None));
                }
                None
            }
        }
    }

    async fn read(&self, id: Id<Media>) -> Result<Logo> {
        let media = self.db.read(move |tx| media::actions::get(tx, id)).await?;
        let reader = self.files.reader(&media.file_key).await?.ok_or_else(|| Error::not_found("file"))?;
        let (kind, stop) = (media.content_type, self.stop.subscribe());
        let reading = tokio::task::spawn_blocking(move || {
            let (mut source, trouble) = Source::open(reader, WINDOW, PATIENCE, stop);
            trouble.judge(picture::drawn(&mut source, &kind, MOST))
        });
        // A decoder's own defect is a panic, which ends with its task.
        let (Size { width, height }, drawn) = reading.await.map_err(Error::internal)??;
        Ok(match drawn {
            Drawn::Jpeg(bytes) => Logo::Jpeg { bytes, width, height, components: 3 },
            Drawn::Pixels(rgba) => Logo::Pixels { rgba, width, height },
        })
    }
}

fn look(business: Business, logo: Option<Logo>, draft: bool) -> Look {
    Look {
        accent: accent(&business.invoicing.accent_color).unwrap_or_default(),
        logo,
        footer: business.invoicing.footer,
        draft,
    }
}
