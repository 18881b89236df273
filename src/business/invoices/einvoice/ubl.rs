//! UBL 2.1: an Invoice or a CreditNote, two schemas that differ in few names.
//!
//! The order of the elements is the schema's; the lines come last.

use std::io::Write;

use super::Format;
use super::terms::{self, Address, Means, Off, Priced, Shown, When, major, present};
use super::xml::Xml;
use crate::base::error::Result;
use crate::base::tax::Tax;
use crate::business::invoices::model::{Document, Kind, Line, Lines};

const FORMAT: Format = Format::Ubl;

/// What the two schemas call differently.
struct Names {
    root: &'static str,
    space: &'static str,
    type_code: &'static str,
    line: &'static str,
    quantity: &'static str,
}

const fn names(kind: Kind) -> Names {
    match kind {
        Kind::Invoice => Names {
            root: "Invoice",
            space: "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
            type_code: "cbc:InvoiceTypeCode",
            line: "cac:InvoiceLine",
            quantity: "cbc:InvoicedQuantity",
        },
        Kind::CreditNote => Names {
            root: "CreditNote",
            space: "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
            type_code: "cbc:CreditNoteTypeCode",
            line: "cac:CreditNoteLine",
            quantity: "cbc:CreditedQuantity",
        },
    }
}

pub(super) fn write(out: &mut dyn Write, document: &Document, lines: &mut dyn Lines) -> Result<()> {
    let names = names(document.invoice.kind);
    let spaces = [
        ("xmlns", names.space),
        ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
        ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
    ];
    Xml::new(out)?.root(names.root, &spaces, |xml| {
        head(xml, &names, document)?;
        xml.group("cac:AccountingSupplierParty", |xml| party(xml, &Shown::seller(document, FORMAT)))?;
        xml.group("cac:AccountingCustomerParty", |xml| party(xml, &Shown::buyer(document)))?;
        delivery(xml, document)?;
        payment(xml, document)?;
        for adjustment in &document.adjustments {
            allowance(xml, document, &Off::on_whole(document, adjustment), Some(adjustment.tax))?;
        }
        breakdown(xml, document)?;
        totals(xml, document)?;
        let mut number = 0_u32;
        while let Some(line) = lines.next()? {
            number += 1;
            one_line(xml, &names, document, &line, number)?;
        }
        Ok(())
    })
}

fn head(xml: &mut Xml, names: &Names, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    xml.leaf("cbc:CustomizationID", FORMAT.specification())?;
    xml.maybe("cbc:ProfileID", FORMAT.process())?;
    xml.leaf("cbc:ID", &invoice.number)?;
    xml.leaf("cbc:IssueDate", &invoice.issued_on)?;
    xml.maybe("cbc:DueDate", terms::due_date(document))?;
    xml.leaf(names.type_code, super::type_code(invoice.kind))?;
    if let Some(notes) = present(invoice.notes.as_ref()) {
        // In UBL a note may begin with the code of its subject between two `#` (BT-21); one that holds a `#` of its
        // own is taken for that, and must have a code: AAI is "general information" (BR-CL-08).
        let subject = if notes.contains('#') { "#AAI#" } else { "" };
        xml.leaf("cbc:Note", &format!("{subject}{notes}"))?;
    }
    xml.leaf("cbc:DocumentCurrencyCode", invoice.currency.as_str())?;
    xml.maybe("cbc:BuyerReference", present(invoice.buyer_reference.as_ref()))?;
    if let When::Days(from, to) = When::of(document) {
        xml.group("cac:InvoicePeriod", |xml| {
            xml.leaf("cbc:StartDate", from)?;
            xml.leaf("cbc:EndDate", to)
        })?;
    }
    if let Some(order) = present(invoice.order_reference.as_ref()) {
        xml.group("cac:OrderReference", |xml| xml.leaf("cbc:ID", order))?;
    }
    match &invoice.corrects {
        Some(corrected) if invoice.kind == Kind::CreditNote => xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.leaf("cbc:ID", &corrected.number)?;
                xml.leaf("cbc:IssueDate", &corrected.issued_on)
            })
        }),
        _ => Ok(()),
    }
}

fn party(xml: &mut Xml, party: &Shown) -> Result<()> {
    xml.group("cac:Party", |xml| {
        if let Some(email) = party.email {
            xml.leaf_with("cbc:EndpointID", ("schemeID", "EM"), email)?;
        }
        if let Some(id) = party.id {
            xml.group("cac:PartyIdentification", |xml| xml.leaf("cbc:ID", id))?;
        }
        if !party.address.is_empty() {
            xml.group("cac:PostalAddress", |xml| address(xml, &party.address))?;
        }
        // BT-32 is told from BT-31 by a scheme that is not VAT.
        for (scheme, id) in [("VAT", party.vat_id), ("FC", party.tax_number)] {
            if let Some(id) = id {
                xml.group("cac:PartyTaxScheme", |xml| {
                    xml.leaf("cbc:CompanyID", id)?;
                    xml.group("cac:TaxScheme", |xml| xml.leaf("cbc:ID", scheme))
                })?;
            }
        }
        xml.group("cac:PartyLegalEntity", |xml| {
            xml.leaf("cbc:RegistrationName", party.name)?;
            xml.maybe("cbc:CompanyID", party.registration)
        })?;
        match &party.contact {
            Some(contact) => xml.group("cac:Contact", |xml| {
                xml.leaf("cbc:Name", contact.name)?;
                xml.maybe("cbc:Telephone", contact.phone)?;
                xml.maybe("cbc:ElectronicMail", contact.email)
            }),
            None => Ok(()),
        }
    })
}

fn address(xml: &mut Xml, address: &Address) -> Result<()> {
    let [first, second, third] = &address.lines;
    xml.maybe("cbc:StreetName", first.as_deref())?;
    xml.maybe("cbc:AdditionalStreetName", second.as_deref())?;
    xml.maybe("cbc:CityName", address.city)?;
    xml.maybe("cbc:PostalZone", address.postcode)?;
    if let Some(third) = third {
        xml.group("cac:AddressLine", |xml| xml.leaf("cbc:Line", third))?;
    }
    match address.country {
        Some(country) => xml.group("cac:Country", |xml| xml.leaf("cbc:IdentificationCode", country)),
        None => Ok(()),
    }
}

fn delivery(xml: &mut Xml, document: &Document) -> Result<()> {
    let day = When::of(document).completed();
    let to = terms::deliver_to(document);
    if day.is_none() && to.is_none() {
        return Ok(());
    }
    xml.group("cac:Delivery", |xml| {
        xml.maybe("cbc:ActualDeliveryDate", day)?;
        let Some((name, to)) = to else { return Ok(()) };
        if !to.is_empty() {
            xml.group("cac:DeliveryLocation", |xml| xml.group("cac:Address", |xml| address(xml, &to)))?;
        }
        xml.group("cac:DeliveryParty", |xml| xml.group("cac:PartyName", |xml| xml.leaf("cbc:Name", name)))
    })
}

fn payment(xml: &mut Xml, document: &Document) -> Result<()> {
    if let Some(means) = Means::of(document, FORMAT) {
        xml.group("cac:PaymentMeans", |xml| {
            xml.leaf("cbc:PaymentMeansCode", means.code)?;
            if terms::asks_for_money(document) {
                xml.leaf("cbc:PaymentID", &document.invoice.number)?;
            }
            let Some((iban, holder, bic)) = means.account else { return Ok(()) };
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.leaf("cbc:ID", iban)?;
                xml.leaf("cbc:Name", holder)?;
                match bic {
                    Some(bic) => xml.group("cac:FinancialInstitutionBranch", |xml| xml.leaf("cbc:ID", bic)),
                    None => Ok(()),
                }
            })
        })?;
    }
    match terms::payment_terms(document) {
        Some(in_words) => xml.group("cac:PaymentTerms", |xml| xml.leaf("cbc:Note", &in_words)),
        None => Ok(()),
    }
}

/// An amount with its currency.
fn amount(xml: &mut Xml, name: &str, document: &Document, minor: i64) -> Result<()> {
    let currency = document.invoice.currency;
    xml.leaf_with(name, ("currencyID", currency.as_str()), &major(minor, document).to_string())
}

fn maybe_amount(xml: &mut Xml, name: &str, document: &Document, minor: Option<i64>) -> Result<()> {
    minor.map_or(Ok(()), |minor| amount(xml, name, document, minor))
}

fn scheme(xml: &mut Xml) -> Result<()> {
    xml.group("cac:TaxScheme", |xml| xml.leaf("cbc:ID", "VAT"))
}

fn tax(xml: &mut Xml, name: &str, tax: Tax) -> Result<()> {
    xml.group(name, |xml| {
        xml.leaf("cbc:ID", tax.category.as_str())?;
        xml.maybe("cbc:Percent", terms::rate(tax).as_deref())?;
        scheme(xml)
    })
}

/// On a line, its tax is the line's.
fn allowance(xml: &mut Xml, document: &Document, off: &Off, of_tax: Option<Tax>) -> Result<()> {
    xml.group("cac:AllowanceCharge", |xml| {
        xml.leaf("cbc:ChargeIndicator", if off.charge { "true" } else { "false" })?;
        xml.maybe("cbc:AllowanceChargeReasonCode", off.code)?;
        xml.maybe("cbc:AllowanceChargeReason", off.reason)?;
        if let Some((_, percent)) = off.share {
            xml.leaf("cbc:MultiplierFactorNumeric", &percent.percent().to_string())?;
        }
        amount(xml, "cbc:Amount", document, off.amount)?;
        maybe_amount(xml, "cbc:BaseAmount", document, off.share.map(|(base, _)| base))?;
        of_tax.map_or(Ok(()), |of_tax| tax(xml, "cac:TaxCategory", of_tax))
    })
}

fn breakdown(xml: &mut Xml, document: &Document) -> Result<()> {
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, "cbc:TaxAmount", document, document.invoice.tax)?;
        for row in &document.taxes {
            let (reason, code) = terms::exemption(document, row);
            xml.group("cac:TaxSubtotal", |xml| {
                amount(xml, "cbc:TaxableAmount", document, row.net)?;
                amount(xml, "cbc:TaxAmount", document, row.amount)?;
                xml.group("cac:TaxCategory", |xml| {
                    xml.leaf("cbc:ID", row.tax.category.as_str())?;
                    // BR-DE-14 wants a rate even of what has none.
                    xml.leaf("cbc:Percent", &row.tax.rate.percent().to_string())?;
                    xml.maybe("cbc:TaxExemptionReasonCode", code)?;
                    xml.maybe("cbc:TaxExemptionReason", reason)?;
                    scheme(xml)
                })
            })?;
        }
        Ok(())
    })
}

fn totals(xml: &mut Xml, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    let (allowances, charges) = terms::sums_of_adjustments(document);
    xml.group("cac:LegalMonetaryTotal", |xml| {
        amount(xml, "cbc:LineExtensionAmount", document, invoice.lines_net)?;
        amount(xml, "cbc:TaxExclusiveAmount", document, invoice.net)?;
        amount(xml, "cbc:TaxInclusiveAmount", document, invoice.gross)?;
        maybe_amount(xml, "cbc:AllowanceTotalAmount", document, allowances)?;
        maybe_amount(xml, "cbc:ChargeTotalAmount", document, charges)?;
        maybe_amount(xml, "cbc:PrepaidAmount", document, terms::unless_zero(invoice.prepaid))?;
        maybe_amount(xml, "cbc:PayableRoundingAmount", document, terms::unless_zero(invoice.rounding))?;
        amount(xml, "cbc:PayableAmount", document, invoice.due())
    })
}

fn one_line(xml: &mut Xml, names: &Names, document: &Document, line: &Line, number: u32) -> Result<()> {
    let priced = Priced::of(document, line);
    let (name, more) = terms::item(line);
    xml.group(names.line, |xml| {
        xml.leaf("cbc:ID", &number.to_string())?;
        xml.leaf_with(names.quantity, ("unitCode", line.unit.code()), &priced.quantity.to_string())?;
        amount(xml, "cbc:LineExtensionAmount", document, line.net)?;
        if let Some(off) = &priced.off {
            allowance(xml, document, off, None)?;
        }
        xml.group("cac:Item", |xml| {
            xml.maybe("cbc:Description", more)?;
            xml.leaf("cbc:Name", name)?;
            tax(xml, "cac:ClassifiedTaxCategory", line.tax)
        })?;
        xml.group("cac:Price", |xml| {
            let currency = document.invoice.currency;
            xml.leaf_with("cbc:PriceAmount", ("currencyID", currency.as_str()), &priced.price.to_string())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{credited, holds, issued, line, of, sample, written};
    use super::*;
    use crate::base::tax::{Category, Rounding};

    #[test]
    fn an_invoice_says_each_term_where_ubl_has_it() {
        let xml = written(FORMAT, &mut sample());
        holds(
            &xml,
            &[
                // BT-24, BT-23, BT-1, BT-2, BT-9, BT-3, BT-22, BT-5, BT-10, BT-73, BT-74, BT-13.
                "<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0</cbc:CustomizationID><cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID><cbc:ID>RE2026-00007</cbc:ID><cbc:IssueDate>2026-03-05</cbc:IssueDate><cbc:DueDate>2026-03-19</cbc:DueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>Thank you.</cbc:Note><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:BuyerReference>04011000-12345-34</cbc:BuyerReference><cac:InvoicePeriod><cbc:StartDate>2026-03-01</cbc:StartDate><cbc:EndDate>2026-03-04</cbc:EndDate></cac:InvoicePeriod><cac:OrderReference><cbc:ID>PO-77</cbc:ID></cac:OrderReference>",
                // BG-4.
                "<cac:AccountingSupplierParty><cac:Party><cbc:EndpointID schemeID=\"EM\">ada@example.org</cbc:EndpointID><cac:PostalAddress><cbc:StreetName>Weg 1</cbc:StreetName><cbc:AdditionalStreetName>Hof 2</cbc:AdditionalStreetName><cbc:CityName>Berlin</cbc:CityName><cbc:PostalZone>10115</cbc:PostalZone><cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyTaxScheme><cbc:CompanyID>12/345/67890</cbc:CompanyID><cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Atelier Nord</cbc:RegistrationName><cbc:CompanyID>HRB 12345</cbc:CompanyID></cac:PartyLegalEntity><cac:Contact><cbc:Name>Ada Adler</cbc:Name><cbc:Telephone>+49 30 1234</cbc:Telephone><cbc:ElectronicMail>ada@example.org</cbc:ElectronicMail></cac:Contact>",
                // BT-72.
                "<cac:Delivery><cbc:ActualDeliveryDate>2026-03-04</cbc:ActualDeliveryDate></cac:Delivery>",
                // BG-16, BT-20.
                "<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode><cbc:PaymentID>RE2026-00007</cbc:PaymentID><cac:PayeeFinancialAccount><cbc:ID>DE89370400440532013000</cbc:ID><cbc:Name>Ada A.</cbc:Name><cac:FinancialInstitutionBranch><cbc:ID>COBADEFFXXX</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount></cac:PaymentMeans><cac:PaymentTerms><cbc:Note>Payable by 2026-03-19.</cbc:Note></cac:PaymentTerms>",
                // BG-21, BG-23, BG-22.
                "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:AllowanceChargeReason>Room</cbc:AllowanceChargeReason><cbc:Amount currencyID=\"EUR\">5.00</cbc:Amount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:AllowanceCharge><cac:TaxTotal><cbc:TaxAmount currencyID=\"EUR\">45.10</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID=\"EUR\">230.00</cbc:TaxableAmount><cbc:TaxAmount currencyID=\"EUR\">43.70</cbc:TaxAmount>",
                "<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID=\"EUR\">245.00</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID=\"EUR\">250.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID=\"EUR\">295.10</cbc:TaxInclusiveAmount><cbc:ChargeTotalAmount currencyID=\"EUR\">5.00</cbc:ChargeTotalAmount><cbc:PayableAmount currencyID=\"EUR\">295.10</cbc:PayableAmount></cac:LegalMonetaryTotal>",
                // BG-25.
                "<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode=\"HUR\">2.5</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID=\"EUR\">225.00</cbc:LineExtensionAmount><cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode><cbc:AllowanceChargeReason>Regular</cbc:AllowanceChargeReason><cbc:MultiplierFactorNumeric>10</cbc:MultiplierFactorNumeric><cbc:Amount currencyID=\"EUR\">25.00</cbc:Amount><cbc:BaseAmount currencyID=\"EUR\">250.00</cbc:BaseAmount></cac:AllowanceCharge><cac:Item><cbc:Description>with clay</cbc:Description><cbc:Name>Workshop</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item><cac:Price><cbc:PriceAmount currencyID=\"EUR\">100.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine>",
            ],
        );
    }

    #[test]
    fn a_credit_note_is_a_document_of_its_own_kind_that_names_its_invoice() {
        let xml = written(FORMAT, &mut credited(sample()));
        holds(
            &xml,
            &[
                "<CreditNote xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2\"",
                "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>",
                "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>RE2026-00007</cbc:ID><cbc:IssueDate>2026-03-05</cbc:IssueDate>",
                "<cac:PaymentMeans><cbc:PaymentMeansCode>1</cbc:PaymentMeansCode></cac:PaymentMeans>",
                "<cac:CreditNoteLine><cbc:ID>1</cbc:ID><cbc:CreditedQuantity unitCode=\"HUR\">2.5<",
            ],
        );
        assert!(!xml.contains("DueDate"), "{xml}");
    }

    #[test]
    fn a_note_that_holds_a_hash_begins_with_a_subject() {
        let mut both = sample();
        both.0.invoice.notes = Some("Ask for #abc# at the desk".into());
        holds(&written(FORMAT, &mut both), &["<cbc:Note>#AAI#Ask for #abc# at the desk</cbc:Note>"]);
    }

    #[test]
    fn goods_within_the_union_say_where_they_went_and_why_there_is_no_tax() {
        let goods = line("Vase", "1", 10_000, of(Category::IntraCommunity, 0));
        let xml = written(FORMAT, &mut issued(&[goods], &[], false, Rounding::Sum));
        holds(
            &xml,
            &[
                "<cac:DeliveryLocation><cac:Address><cbc:StreetName>Rue 2</cbc:StreetName><cbc:CityName>Paris</cbc:CityName><cbc:PostalZone>75001</cbc:PostalZone><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:Address></cac:DeliveryLocation><cac:DeliveryParty><cac:PartyName><cbc:Name>Grace Hopper<",
                "<cac:TaxCategory><cbc:ID>K</cbc:ID><cbc:Percent>0</cbc:Percent><cbc:TaxExemptionReasonCode>VATEX-EU-IC</cbc:TaxExemptionReasonCode><cbc:TaxExemptionReason>Intra-Community supply</cbc:TaxExemptionReason>",
            ],
        );
    }

    #[test]
    fn what_no_tax_applies_to_names_neither_vat_ids_nor_rates() {
        let outside = line("Deposit", "1", 10_000, of(Category::OutOfScope, 0));
        let mut both = issued(&[outside], &[], false, Rounding::Sum);
        both.0.invoice.seller.registration = None;
        let xml = written(FORMAT, &mut both);
        holds(
            &xml,
            &[
                // BT-29 stands in for the VAT id (BR-CO-26), and BT-32 stays.
                "<cac:PartyIdentification><cbc:ID>12/345/67890</cbc:ID></cac:PartyIdentification>",
                "<cac:ClassifiedTaxCategory><cbc:ID>O</cbc:ID><cac:TaxScheme>",
            ],
        );
        assert!(!xml.contains("DE123456789") && !xml.contains("FR12345678901"), "{xml}");
    }
}
