//! The usual texts of letters, per language, and how words in braces are filled in. Pure.

/// A letter's subject and text; words in braces stand for what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line.
    pub subject: &'static str,
    /// Plain text.
    pub text: &'static str,
}

/// What a letter that brings a document says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brings {
    /// An invoice on which something is owed.
    Owed,
    /// An invoice that is paid.
    Paid,
    /// A credit note.
    Credit,
}

/// Puts words in the place of their names in braces. What comes in is not looked at again, so that a client called
/// `{amount}` stays one.
pub fn fill(text: &str, words: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let named = words.iter().find_map(|(name, value)| {
            behind.strip_prefix(name).and_then(|behind| behind.strip_prefix('}')).map(|behind| (value, behind))
        });
        match named {
            Some((value, behind)) => {
                filled.push_str(value);
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = behind;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// `de` of `de-CH`; English for languages without words here.
fn language(locale: &str) -> &'static str {
    match locale.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("de") => "de",
        Some("fr") => "fr",
        Some("es") => "es",
        Some("it") => "it",
        Some("nl") => "nl",
        _ => "en",
    }
}

/// The usual letter that brings a document.
pub fn bring(locale: &str, what: Brings) -> Text {
    let (subject, text) = match (language(locale), what) {
        ("de", Brings::Owed) => (
            "Rechnung {number} von {business}",
            "Guten Tag {name},\n\nim Anhang finden Sie unsere Rechnung {number} über {amount}.\n\nBitte überweisen Sie {open} bis zum {due_date}.\n\nFreundliche Grüße\n{business}",
        ),
        ("de", Brings::Paid) => (
            "Rechnung {number} von {business}",
            "Guten Tag {name},\n\nim Anhang finden Sie unsere Rechnung {number} über {amount}. Sie ist bereits bezahlt, vielen Dank.\n\nFreundliche Grüße\n{business}",
        ),
        ("de", Brings::Credit) => (
            "Rechnungskorrektur {number} von {business}",
            "Guten Tag {name},\n\nim Anhang finden Sie unsere Rechnungskorrektur {number} über {amount}.\n\nFreundliche Grüße\n{business}",
        ),
        ("fr", Brings::Owed) => (
            "Facture {number} de {business}",
            "Bonjour {name},\n\nVeuillez trouver ci-joint notre facture {number} d’un montant de {amount}.\n\nMerci de régler {open} avant le {due_date} inclus.\n\nCordialement\n{business}",
        ),
        ("fr", Brings::Paid) => (
            "Facture {number} de {business}",
            "Bonjour {name},\n\nVeuillez trouver ci-joint notre facture {number} d’un montant de {amount}. Elle est déjà réglée, merci.\n\nCordialement\n{business}",
        ),
        ("fr", Brings::Credit) => (
            "Avoir {number} de {business}",
            "Bonjour {name},\n\nVeuillez trouver ci-joint notre avoir {number} d’un montant de {amount}.\n\nCordialement\n{business}",
        ),
        ("es", Brings::Owed) => (
            "Factura {number} de {business}",
            "Buenos días, {name}:\n\nAdjuntamos nuestra factura {number} por importe de {amount}.\n\nLe rogamos que pague {open} a más tardar el {due_date}.\n\nUn cordial saludo\n{business}",
        ),
        ("es", Brings::Paid) => (
            "Factura {number} de {business}",
            "Buenos días, {name}:\n\nAdjuntamos nuestra factura {number} por importe de {amount}. Ya está pagada, muchas gracias.\n\nUn cordial saludo\n{business}",
        ),
        ("es", Brings::Credit) => (
            "Factura rectificativa {number} de {business}",
            "Buenos días, {name}:\n\nAdjuntamos nuestra factura rectificativa {number} por importe de {amount}.\n\nUn cordial saludo\n{business}",
        ),
        ("it", Brings::Owed) => (
            "Fattura {number} di {business}",
            "Buongiorno {name},\n\nin allegato trova la nostra fattura {number} di {amount}.\n\nLa preghiamo di pagare {open} entro il {due_date}.\n\nCordiali saluti\n{business}",
        ),
        ("it", Brings::Paid) => (
            "Fattura {number} di {business}",
            "Buongiorno {name},\n\nin allegato trova la nostra fattura {number} di {amount}. È già stata pagata, grazie.\n\nCordiali saluti\n{business}",
        ),
        ("it", Brings::Credit) => (
            "Nota di credito {number} di {business}",
            "Buongiorno {name},\n\nin allegato trova la nostra nota di credito {number} di {amount}.\n\nCordiali saluti\n{business}",
        ),
        ("nl", Brings::Owed) => (
            "Factuur {number} van {business}",
            "Beste {name},\n\nIn de bijlage vindt u onze factuur {number} van {amount}.\n\nWilt u {open} uiterlijk op {due_date} betalen?\n\nMet vriendelijke groet\n{business}",
        ),
        ("nl", Brings::Paid) => (
            "Factuur {number} van {business}",
            "Beste {name},\n\nIn de bijlage vindt u onze factuur {number} van {amount}. De factuur is al betaald, hartelijk dank.\n\nMet vriendelijke groet\n{business}",
        ),
        ("nl", Brings::Credit) => (
            "Creditfactuur {number} van {business}",
            "Beste {name},\n\nIn de bijlage vindt u onze creditfactuur {number} van {amount}.\n\nMet vriendelijke groet\n{business}",
        ),
        (_, Brings::Owed) => (
            "Invoice {number} from {business}",
            "Dear {name},\n\nPlease find attached our invoice {number} for {amount}.\n\nPlease pay {open} by {due_date}.\n\nKind regards\n{business}",
        ),
        (_, Brings::Paid) => (
            "Invoice {number} from {business}",
            "Dear {name},\n\nPlease find attached our invoice {number} for {amount}. It is paid already, thank you.\n\nKind regards\n{business}",
        ),
        (_, Brings::Credit) => (
            "Credit note {number} from {business}",
            "Dear {name},\n\nPlease find attached our credit note {number} for {amount}.\n\nKind regards\n{business}",
        ),
    };
    Text { subject, text }
}

/// The usual reminder of a level from 1 to 3: friendly, firm, last.
pub fn remind(locale: &str, level: i64) -> Text {
    let (subject, text) = match (language(locale), level) {
        ("de", ..=1) => (
            "Zahlungserinnerung zu Rechnung {number}",
            "Guten Tag {name},\n\nunsere Rechnung {number} war am {due_date} fällig. Sicher haben Sie sie nur übersehen: Offen sind noch {amount}.\n\nBitte überweisen Sie den Betrag bis zum {pay_by}. Haben Sie inzwischen bezahlt, ist dieser Brief gegenstandslos.\n\nFreundliche Grüße\n{business}",
        ),
        ("de", 2) => (
            "2. Mahnung zu Rechnung {number}",
            "Guten Tag {name},\n\ntrotz unserer Erinnerung ist auf die Rechnung {number}, fällig am {due_date}, noch keine vollständige Zahlung eingegangen. Offen sind {amount}.\n\nBitte überweisen Sie den Betrag bis spätestens {pay_by}.\n\nFreundliche Grüße\n{business}",
        ),
        ("de", _) => (
            "Letzte Mahnung zu Rechnung {number}",
            "Guten Tag {name},\n\ndie Rechnung {number}, fällig am {due_date}, ist trotz zweier Mahnungen noch mit {amount} offen.\n\nWir erwarten den Betrag bis zum {pay_by}. Geht er bis dahin nicht ein, müssen wir weitere Schritte einleiten.\n\nFreundliche Grüße\n{business}",
        ),
        ("fr", ..=1) => (
            "Rappel : facture {number}",
            "Bonjour {name},\n\nNotre facture {number} était à régler le {due_date}. Sans doute s’agit-il d’un oubli : il reste {amount} à payer.\n\nMerci de régler ce montant avant le {pay_by} inclus. Si vous avez payé entre-temps, ne tenez pas compte de ce message.\n\nCordialement\n{business}",
        ),
        ("fr", 2) => (
            "Deuxième rappel : facture {number}",
            "Bonjour {name},\n\nMalgré notre rappel, la facture {number}, échue le {due_date}, n’est pas entièrement réglée. Il reste {amount} à payer.\n\nMerci de régler ce montant au plus tard le {pay_by}.\n\nCordialement\n{business}",
        ),
        ("fr", _) => (
            "Dernier rappel : facture {number}",
            "Bonjour {name},\n\nMalgré deux rappels, {amount} restent dus sur la facture {number}, échue le {due_date}.\n\nNous attendons votre paiement au plus tard le {pay_by}. Passé cette date, nous devrons engager d’autres démarches.\n\nCordialement\n{business}",
        ),
        ("es", ..=1) => (
            "Recordatorio de pago: factura {number}",
            "Buenos días, {name}:\n\nNuestra factura {number} venció el {due_date}. Seguramente se trata de un descuido: quedan {amount} por pagar.\n\nLe rogamos que pague este importe a más tardar el {pay_by}. Si ya lo ha hecho, no tenga en cuenta este mensaje.\n\nUn cordial saludo\n{business}",
        ),
        ("es", 2) => (
            "Segundo recordatorio: factura {number}",
            "Buenos días, {name}:\n\nA pesar de nuestro recordatorio, la factura {number}, vencida el {due_date}, no está pagada por completo. Quedan {amount} por pagar.\n\nLe rogamos que pague este importe a más tardar el {pay_by}.\n\nUn cordial saludo\n{business}",
        ),
        ("es", _) => (
            "Último recordatorio: factura {number}",
            "Buenos días, {name}:\n\nA pesar de dos recordatorios, quedan {amount} por pagar de la factura {number}, vencida el {due_date}.\n\nEsperamos su pago a más tardar el {pay_by}. Después de esa fecha tendremos que tomar otras medidas.\n\nUn cordial saludo\n{business}",
        ),
        ("it", ..=1) => (
            "Promemoria di pagamento: fattura {number}",
            "Buongiorno {name},\n\nla nostra fattura {number} è scaduta il {due_date}. Si tratta certamente di una svista: restano da pagare {amount}.\n\nLa preghiamo di pagare l’importo entro il {pay_by}. Se nel frattempo ha già pagato, non tenga conto di questo messaggio.\n\nCordiali saluti\n{business}",
        ),
        ("it", 2) => (
            "Secondo sollecito: fattura {number}",
            "Buongiorno {name},\n\nnonostante il nostro promemoria, la fattura {number}, scaduta il {due_date}, non è stata pagata per intero. Restano da pagare {amount}.\n\nLa preghiamo di pagare l’importo entro e non oltre il {pay_by}.\n\nCordiali saluti\n{business}",
        ),
        ("it", _) => (
            "Ultimo sollecito: fattura {number}",
            "Buongiorno {name},\n\nnonostante due solleciti, della fattura {number}, scaduta il {due_date}, restano da pagare {amount}.\n\nAttendiamo il pagamento entro il {pay_by}. Dopo tale data dovremo procedere per altre vie.\n\nCordiali saluti\n{business}",
        ),
        ("nl", ..=1) => (
            "Herinnering: factuur {number}",
            "Beste {name},\n\nOnze factuur {number} had op {due_date} betaald moeten zijn. Waarschijnlijk is dit aan uw aandacht ontsnapt: er staat nog {amount} open.\n\nWilt u dit bedrag uiterlijk op {pay_by} betalen? Hebt u inmiddels betaald, dan kunt u dit bericht negeren.\n\nMet vriendelijke groet\n{business}",
        ),
        ("nl", 2) => (
            "Tweede herinnering: factuur {number}",
            "Beste {name},\n\nOndanks onze herinnering is factuur {number}, vervallen op {due_date}, niet volledig betaald. Er staat nog {amount} open.\n\nWij verzoeken u dit bedrag uiterlijk op {pay_by} te betalen.\n\nMet vriendelijke groet\n{business}",
        ),
        ("nl", _) => (
            "Laatste aanmaning: factuur {number}",
            "Beste {name},\n\nOndanks twee herinneringen staat van factuur {number}, vervallen op {due_date}, nog {amount} open.\n\nWij verwachten uw betaling uiterlijk op {pay_by}. Daarna moeten wij verdere stappen nemen.\n\nMet vriendelijke groet\n{business}",
        ),
        (_, ..=1) => (
            "Reminder: invoice {number}",
            "Dear {name},\n\nOur invoice {number} was due on {due_date}. It has surely slipped your attention: {amount} is still open.\n\nPlease pay this amount by {pay_by}. If you have paid meanwhile, please ignore this letter.\n\nKind regards\n{business}",
        ),
        (_, 2) => (
            "Second reminder: invoice {number}",
            "Dear {name},\n\nIn spite of our reminder, invoice {number}, due on {due_date}, has not been paid in full. {amount} is still open.\n\nPlease pay this amount by {pay_by} at the latest.\n\nKind regards\n{business}",
        ),
        (_, _) => (
            "Final reminder: invoice {number}",
            "Dear {name},\n\nIn spite of two reminders, {amount} of invoice {number}, due on {due_date}, is still open.\n\nWe expect your payment by {pay_by}. After that day we will have to take further steps.\n\nKind regards\n{business}",
        ),
    };
    Text { subject, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [&str; 6] = ["en", "de", "fr", "es", "it", "nl"];

    #[test]
    fn every_language_has_texts_of_its_own_that_name_what_matters() {
        let mut subjects = Vec::new();
        for language in LANGUAGES {
            for level in 1..=3 {
                let text = remind(language, level);
                for word in ["{number}", "{due_date}", "{pay_by}", "{amount}", "{name}", "{business}"] {
                    assert!(text.text.contains(word), "{language} {level} {word}");
                }
                subjects.push(text.subject);
            }
            for what in [Brings::Owed, Brings::Paid, Brings::Credit] {
                let text = bring(language, what);
                for word in ["{due_date}", "{open}"] {
                    assert_eq!(text.text.contains(word), what == Brings::Owed, "{language} {what:?} {word}");
                }
                for word in ["{number}", "{amount}", "{name}", "{business}"] {
                    assert!(text.text.contains(word), "{language} {what:?} {word}");
                }
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), 18, "no two alike");
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again_and_other_braces_stay() {
        let words = [("name", "{amount}"), ("amount", "5"), ("number", "R1")];
        assert_eq!(fill("{name} owes {amount} on {number}", &words), "{amount} owes 5 on R1");
        assert_eq!(fill("{names} {} {", &words), "{names} {} {");
    }
}
