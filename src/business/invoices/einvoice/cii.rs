//! The Cross Industry Invoice (UN/CEFACT D22B, as the schema of Factur-X narrows it).
//!
//! The order of the elements is the schema's; the lines come before what is said of the whole.

use std::io::Write;

use super::Format;
use super::terms::{self, Address, Means, Off, Priced, Shown, When, major, present};
use super::xml::Xml;
use crate::base::error::Result;
use crate::base::tax::Tax;
use crate::business::invoices::model::{Document, Kind, Line, Lines};

const SPACES: &[(&str, &str)] = &[
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
];

pub(super) fn write(out: &mut dyn Write, format: Format, document: &Document, lines: &mut dyn Lines) -> Result<()> {
    Xml::new(out)?.root("rsm:CrossIndustryInvoice", SPACES, |xml| {
        context(xml, format)?;
        head(xml, document)?;
        xml.group("rsm:SupplyChainTradeTransaction", |xml| {
            let mut number = 0_u32;
            while let Some(line) = lines.next()? {
                number += 1;
                one_line(xml, document, &line, number)?;
            }
            xml.group("ram:ApplicableHeaderTradeAgreement", |xml| agreement(xml, format, document))?;
            xml.group("ram:ApplicableHeaderTradeDelivery", |xml| delivery(xml, document))?;
            xml.group("ram:ApplicableHeaderTradeSettlement", |xml| settlement(xml, format, document))
        })
    })
}

fn context(xml: &mut Xml, format: Format) -> Result<()> {
    xml.group("rsm:ExchangedDocumentContext", |xml| {
        if let Some(process) = format.process() {
            xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| xml.leaf("ram:ID", process))?;
        }
        xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| xml.leaf("ram:ID", format.specification()))
    })
}

fn head(xml: &mut Xml, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.leaf("ram:ID", &invoice.number)?;
        xml.leaf("ram:TypeCode", super::type_code(invoice.kind))?;
        xml.group("ram:IssueDateTime", |xml| date(xml, "udt", &invoice.issued_on))?;
        match present(invoice.notes.as_ref()) {
            Some(notes) => xml.group("ram:IncludedNote", |xml| xml.leaf("ram:Content", notes)),
            None => Ok(()),
        }
    })
}

/// A date of the format 102, CCYYMMDD.
fn date(xml: &mut Xml, space: &str, day: &str) -> Result<()> {
    xml.leaf_with(&format!("{space}:DateTimeString"), ("format", "102"), &day.replace('-', ""))
}

fn one_line(xml: &mut Xml, document: &Document, line: &Line, number: u32) -> Result<()> {
    let priced = Priced::of(document, line);
    let (name, more) = terms::item(line);
    xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.group("ram:AssociatedDocumentLineDocument", |xml| xml.leaf("ram:LineID", &number.to_string()))?;
        xml.group("ram:SpecifiedTradeProduct", |xml| {
            xml.leaf("ram:Name", name)?;
            xml.maybe("ram:Description", more)
        })?;
        xml.group("ram:SpecifiedLineTradeAgreement", |xml| {
            xml.group("ram:NetPriceProductTradePrice", |xml| xml.leaf("ram:ChargeAmount", &priced.price.to_string()))
        })?;
        xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
            xml.leaf_with("ram:BilledQuantity", ("unitCode", line.unit.code()), &priced.quantity.to_string())
        })?;
        xml.group("ram:SpecifiedLineTradeSettlement", |xml| {
            tax(xml, "ram:ApplicableTradeTax", line.tax)?;
            if let Some(off) = &priced.off {
                allowance(xml, document, off, None)?;
            }
            xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                xml.leaf("ram:LineTotalAmount", &major(line.net, document).to_string())
            })
        })
    })
}

fn tax(xml: &mut Xml, name: &str, tax: Tax) -> Result<()> {
    xml.group(name, |xml| {
        xml.leaf("ram:TypeCode", "VAT")?;
        xml.leaf("ram:CategoryCode", tax.category.as_str())?;
        xml.maybe("ram:RateApplicablePercent", terms::rate(tax).as_deref())
    })
}

/// On a line, its tax is the line's.
fn allowance(xml: &mut Xml, document: &Document, off: &Off, of_tax: Option<Tax>) -> Result<()> {
    xml.group("ram:SpecifiedTradeAllowanceCharge", |xml| {
        xml.group("ram:ChargeIndicator", |xml| xml.leaf("udt:Indicator", if off.charge { "true" } else { "false" }))?;
        if let Some((base, percent)) = off.share {
            xml.leaf("ram:CalculationPercent", &percent.percent().to_string())?;
            xml.leaf("ram:BasisAmount", &major(base, document).to_string())?;
        }
        xml.leaf("ram:ActualAmount", &major(off.amount, document).to_string())?;
        xml.maybe("ram:ReasonCode", off.code)?;
        xml.maybe("ram:Reason", off.reason)?;
        of_tax.map_or(Ok(()), |of_tax| tax(xml, "ram:CategoryTradeTax", of_tax))
    })
}

fn agreement(xml: &mut Xml, format: Format, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    xml.maybe("ram:BuyerReference", present(invoice.buyer_reference.as_ref()))?;
    xml.group("ram:SellerTradeParty", |xml| party(xml, &Shown::seller(document, format)))?;
    xml.group("ram:BuyerTradeParty", |xml| party(xml, &Shown::buyer(document)))?;
    match present(invoice.order_reference.as_ref()) {
        Some(order) => xml.group("ram:BuyerOrderReferencedDocument", |xml| xml.leaf("ram:IssuerAssignedID", order)),
        None => Ok(()),
    }
}

fn party(xml: &mut Xml, party: &Shown) -> Result<()> {
    xml.maybe("ram:ID", party.id)?;
    xml.leaf("ram:Name", party.name)?;
    if let Some(registration) = party.registration {
        xml.group("ram:SpecifiedLegalOrganization", |xml| xml.leaf("ram:ID", registration))?;
    }
    if let Some(contact) = &party.contact {
        xml.group("ram:DefinedTradeContact", |xml| {
            xml.leaf("ram:PersonName", contact.name)?;
            if let Some(phone) = contact.phone {
                xml.group("ram:TelephoneUniversalCommunication", |xml| xml.leaf("ram:CompleteNumber", phone))?;
            }
            match contact.email {
                Some(email) => xml.group("ram:EmailURIUniversalCommunication", |xml| xml.leaf("ram:URIID", email)),
                None => Ok(()),
            }
        })?;
    }
    address(xml, &party.address)?;
    if let Some(email) = party.email {
        xml.group("ram:URIUniversalCommunication", |xml| xml.leaf_with("ram:URIID", ("schemeID", "EM"), email))?;
    }
    for (scheme, id) in [("FC", party.tax_number), ("VA", party.vat_id)] {
        if let Some(id) = id {
            xml.group("ram:SpecifiedTaxRegistration", |xml| xml.leaf_with("ram:ID", ("schemeID", scheme), id))?;
        }
    }
    Ok(())
}

fn address(xml: &mut Xml, address: &Address) -> Result<()> {
    if address.is_empty() {
        return Ok(());
    }
    let [first, second, third] = &address.lines;
    xml.group("ram:PostalTradeAddress", |xml| {
        xml.maybe("ram:PostcodeCode", address.postcode)?;
        xml.maybe("ram:LineOne", first.as_deref())?;
        xml.maybe("ram:LineTwo", second.as_deref())?;
        xml.maybe("ram:LineThree", third.as_deref())?;
        xml.maybe("ram:CityName", address.city)?;
        xml.maybe("ram:CountryID", address.country)
    })
}

fn delivery(xml: &mut Xml, document: &Document) -> Result<()> {
    if let Some((name, to)) = terms::deliver_to(document) {
        xml.group("ram:ShipToTradeParty", |xml| {
            xml.leaf("ram:Name", name)?;
            address(xml, &to)
        })?;
    }
    match When::of(document).completed() {
        Some(day) => xml.group("ram:ActualDeliverySupplyChainEvent", |xml| {
            xml.group("ram:OccurrenceDateTime", |xml| date(xml, "udt", day))
        }),
        None => Ok(()),
    }
}

fn settlement(xml: &mut Xml, format: Format, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    if terms::asks_for_money(document) {
        xml.leaf("ram:PaymentReference", &invoice.number)?;
    }
    xml.leaf("ram:InvoiceCurrencyCode", invoice.currency.as_str())?;
    if let Some(means) = Means::of(document, format) {
        pay_by(xml, &means)?;
    }
    breakdown(xml, document)?;
    if let When::Days(from, to) = When::of(document) {
        xml.group("ram:BillingSpecifiedPeriod", |xml| {
            xml.group("ram:StartDateTime", |xml| date(xml, "udt", from))?;
            xml.group("ram:EndDateTime", |xml| date(xml, "udt", to))
        })?;
    }
    for adjustment in &document.adjustments {
        allowance(xml, document, &Off::on_whole(document, adjustment), Some(adjustment.tax))?;
    }
    let (due, in_words) = (terms::due_date(document), terms::payment_terms(document));
    if due.is_some() || in_words.is_some() {
        xml.group("ram:SpecifiedTradePaymentTerms", |xml| {
            xml.maybe("ram:Description", in_words.as_deref())?;
            due.map_or(Ok(()), |day| xml.group("ram:DueDateDateTime", |xml| date(xml, "udt", day)))
        })?;
    }
    totals(xml, document)?;
    match &invoice.corrects {
        Some(corrected) if invoice.kind == Kind::CreditNote => xml.group("ram:InvoiceReferencedDocument", |xml| {
            xml.leaf("ram:IssuerAssignedID", &corrected.number)?;
            xml.group("ram:FormattedIssueDateTime", |xml| date(xml, "qdt", &corrected.issued_on))
        }),
        _ => Ok(()),
    }
}

fn pay_by(xml: &mut Xml, means: &Means) -> Result<()> {
    xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| {
        xml.leaf("ram:TypeCode", means.code)?;
        let Some((iban, holder, bic)) = means.account else { return Ok(()) };
        xml.group("ram:PayeePartyCreditorFinancialAccount", |xml| {
            xml.leaf("ram:IBANID", iban)?;
            xml.leaf("ram:AccountName", holder)
        })?;
        match bic {
            Some(bic) => xml.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |xml| xml.leaf("ram:BICID", bic)),
            None => Ok(()),
        }
    })
}

fn breakdown(xml: &mut Xml, document: &Document) -> Result<()> {
    for row in &document.taxes {
        let (reason, code) = terms::exemption(document, row);
        xml.group("ram:ApplicableTradeTax", |xml| {
            xml.leaf("ram:CalculatedAmount", &major(row.amount, document).to_string())?;
            xml.leaf("ram:TypeCode", "VAT")?;
            xml.maybe("ram:ExemptionReason", reason)?;
            xml.leaf("ram:BasisAmount", &major(row.net, document).to_string())?;
            xml.leaf("ram:CategoryCode", row.tax.category.as_str())?;
            xml.maybe("ram:ExemptionReasonCode", code)?;
            // BR-DE-14 wants a rate even of what has none.
            xml.leaf("ram:RateApplicablePercent", &row.tax.rate.percent().to_string())
        })?;
    }
    Ok(())
}

fn totals(xml: &mut Xml, document: &Document) -> Result<()> {
    let invoice = &document.invoice;
    let (allowances, charges) = terms::sums_of_adjustments(document);
    let text = |minor: i64| major(minor, document).to_string();
    xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.leaf("ram:LineTotalAmount", &text(invoice.lines_net))?;
        xml.maybe("ram:ChargeTotalAmount", charges.map(text).as_deref())?;
        xml.maybe("ram:AllowanceTotalAmount", allowances.map(text).as_deref())?;
        xml.leaf("ram:TaxBasisTotalAmount", &text(invoice.net))?;
        xml.leaf_with("ram:TaxTotalAmount", ("currencyID", invoice.currency.as_str()), &text(invoice.tax))?;
        xml.maybe("ram:RoundingAmount", terms::unless_zero(invoice.rounding).map(text).as_deref())?;
        xml.leaf("ram:GrandTotalAmount", &text(invoice.gross))?;
        xml.maybe("ram:TotalPrepaidAmount", terms::unless_zero(invoice.prepaid).map(text).as_deref())?;
        xml.leaf("ram:DuePayableAmount", &text(invoice.due()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{credited, holds, issued, line, of, sample, written};
    use super::*;
    use crate::base::tax::{Category, Rounding};

    #[test]
    fn an_invoice_says_each_term_where_cii_has_it() {
        let xml = written(Format::Cii, &mut sample());
        holds(
            &xml,
            &[
                // BT-23, BT-24.
                "<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</ram:ID>",
                "<ram:ID>urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0</ram:ID>",
                // BT-1, BT-3, BT-2, BT-22.
                "<rsm:ExchangedDocument><ram:ID>RE2026-00007</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format=\"102\">20260305</udt:DateTimeString></ram:IssueDateTime><ram:IncludedNote><ram:Content>Thank you.</ram:Content></ram:IncludedNote></rsm:ExchangedDocument>",
                // BG-25: BT-126, BT-153, BT-154, BT-146, BT-129, BT-130, BT-151, BT-152, BG-27, BT-131.
                "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID></ram:AssociatedDocumentLineDocument><ram:SpecifiedTradeProduct><ram:Name>Workshop</ram:Name><ram:Description>with clay</ram:Description></ram:SpecifiedTradeProduct>",
                "<ram:NetPriceProductTradePrice><ram:ChargeAmount>100.00</ram:ChargeAmount></ram:NetPriceProductTradePrice>",
                "<ram:BilledQuantity unitCode=\"HUR\">2.5</ram:BilledQuantity>",
                "<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:ApplicableTradeTax><ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator><ram:CalculationPercent>10</ram:CalculationPercent><ram:BasisAmount>250.00</ram:BasisAmount><ram:ActualAmount>25.00</ram:ActualAmount><ram:ReasonCode>95</ram:ReasonCode><ram:Reason>Regular</ram:Reason></ram:SpecifiedTradeAllowanceCharge><ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>225.00</ram:LineTotalAmount>",
                // BT-10, BG-4, BT-13.
                "<ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>04011000-12345-34</ram:BuyerReference><ram:SellerTradeParty><ram:Name>Atelier Nord</ram:Name><ram:SpecifiedLegalOrganization><ram:ID>HRB 12345</ram:ID></ram:SpecifiedLegalOrganization><ram:DefinedTradeContact><ram:PersonName>Ada Adler</ram:PersonName><ram:TelephoneUniversalCommunication><ram:CompleteNumber>+49 30 1234</ram:CompleteNumber></ram:TelephoneUniversalCommunication><ram:EmailURIUniversalCommunication><ram:URIID>ada@example.org</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact><ram:PostalTradeAddress><ram:PostcodeCode>10115</ram:PostcodeCode><ram:LineOne>Weg 1</ram:LineOne><ram:LineTwo>Hof 2</ram:LineTwo><ram:CityName>Berlin</ram:CityName><ram:CountryID>DE</ram:CountryID></ram:PostalTradeAddress><ram:URIUniversalCommunication><ram:URIID schemeID=\"EM\">ada@example.org</ram:URIID></ram:URIUniversalCommunication><ram:SpecifiedTaxRegistration><ram:ID schemeID=\"FC\">12/345/67890</ram:ID></ram:SpecifiedTaxRegistration><ram:SpecifiedTaxRegistration><ram:ID schemeID=\"VA\">DE123456789</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>",
                "<ram:BuyerTradeParty><ram:Name>Grace Hopper</ram:Name><ram:PostalTradeAddress>",
                "<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>PO-77</ram:IssuerAssignedID>",
                // BT-72, BT-73, BT-74.
                "<ram:ApplicableHeaderTradeDelivery><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime><udt:DateTimeString format=\"102\">20260304<",
                "<ram:BillingSpecifiedPeriod><ram:StartDateTime><udt:DateTimeString format=\"102\">20260301</udt:DateTimeString></ram:StartDateTime><ram:EndDateTime><udt:DateTimeString format=\"102\">20260304<",
                // BT-83, BT-5, BG-16.
                "<ram:PaymentReference>RE2026-00007</ram:PaymentReference><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode><ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>58</ram:TypeCode><ram:PayeePartyCreditorFinancialAccount><ram:IBANID>DE89370400440532013000</ram:IBANID><ram:AccountName>Ada A.</ram:AccountName></ram:PayeePartyCreditorFinancialAccount><ram:PayeeSpecifiedCreditorFinancialInstitution><ram:BICID>COBADEFFXXX<",
                // BG-23.
                "<ram:ApplicableTradeTax><ram:CalculatedAmount>43.70</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode><ram:BasisAmount>230.00</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19<",
                "<ram:CalculatedAmount>1.40</ram:CalculatedAmount>",
                // BG-21.
                "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>true</udt:Indicator></ram:ChargeIndicator><ram:ActualAmount>5.00</ram:ActualAmount><ram:Reason>Room</ram:Reason><ram:CategoryTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode><ram:RateApplicablePercent>19<",
                // BT-20, BT-9.
                "<ram:SpecifiedTradePaymentTerms><ram:Description>Payable by 2026-03-19.</ram:Description><ram:DueDateDateTime><udt:DateTimeString format=\"102\">20260319<",
                // BG-22.
                "<ram:LineTotalAmount>245.00</ram:LineTotalAmount><ram:ChargeTotalAmount>5.00</ram:ChargeTotalAmount><ram:TaxBasisTotalAmount>250.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID=\"EUR\">45.10</ram:TaxTotalAmount><ram:GrandTotalAmount>295.10</ram:GrandTotalAmount><ram:DuePayableAmount>295.10</ram:DuePayableAmount>",
            ],
        );
    }

    #[test]
    fn facturx_names_its_profile_and_no_process() {
        let xml = written(Format::Facturx, &mut sample());
        holds(
            &xml,
            &[
                "<rsm:ExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID>",
            ],
        );
    }

    #[test]
    fn a_credit_note_is_a_381_that_names_its_invoice() {
        let xml = written(Format::Facturx, &mut credited(sample()));
        holds(
            &xml,
            &[
                "<ram:TypeCode>381</ram:TypeCode>",
                "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>RE2026-00007</ram:IssuerAssignedID><ram:FormattedIssueDateTime><qdt:DateTimeString format=\"102\">20260305<",
                "<ram:Description>The amount is paid back or set off.</ram:Description>",
            ],
        );
        assert!(!xml.contains("IBANID") && !xml.contains("DueDateDateTime"), "{xml}");
    }

    #[test]
    fn what_was_paid_and_what_rounds_stand_between_the_totals() {
        let mut both = issued(&[line("Seat", "1", 35_390, of(Category::Standard, 1900))], &[], true, Rounding::Gross);
        both.0.invoice.prepaid = 10_000;
        let xml = written(Format::Facturx, &mut both);
        holds(
            &xml,
            &[
                "<ram:RoundingAmount>0.01</ram:RoundingAmount><ram:GrandTotalAmount>353.89</ram:GrandTotalAmount><ram:TotalPrepaidAmount>100.00</ram:TotalPrepaidAmount><ram:DuePayableAmount>253.90</ram:DuePayableAmount>",
            ],
        );
    }

    #[test]
    fn each_category_says_why_no_tax_is_charged() {
        let row = |category: Category| {
            let rate = if category == Category::Standard { 1900 } else { 0 };
            let mut both = issued(&[line("Seat", "1", 10_000, of(category, rate))], &[], false, Rounding::Sum);
            written(Format::Facturx, &mut both)
        };
        let why = |reason: &str, category: &str, code: &str| {
            let code = if code.is_empty() {
                String::new()
            } else {
                format!("<ram:ExemptionReasonCode>{code}</ram:ExemptionReasonCode>")
            };
            format!(
                "<ram:ExemptionReason>{reason}</ram:ExemptionReason><ram:BasisAmount>100.00</ram:BasisAmount><ram:CategoryCode>{category}</ram:CategoryCode>{code}<ram:RateApplicablePercent>0<"
            )
        };
        for (category, reason, code) in [
            (Category::Exempt, "Exempt from tax", ""),
            (Category::ReverseCharge, "Reverse charge", "VATEX-EU-AE"),
            (Category::IntraCommunity, "Intra-Community supply", "VATEX-EU-IC"),
            (Category::Export, "Export outside the EU", "VATEX-EU-G"),
            (Category::OutOfScope, "Not subject to tax", "VATEX-EU-O"),
        ] {
            let xml = row(category);
            holds(&xml, &[&why(reason, category.as_str(), code)]);
            // BR-O-02, BR-O-05: no VAT ids, and no rate on the line.
            let outside = category == Category::OutOfScope;
            assert_eq!(xml.contains("schemeID=\"VA\""), !outside, "{category}");
            assert_eq!(xml.matches("RateApplicablePercent>0<").count(), if outside { 1 } else { 2 }, "{category}");
            // BR-IC-12.
            assert_eq!(xml.contains("ShipToTradeParty"), category == Category::IntraCommunity, "{category}");
        }
        for category in [Category::Standard, Category::Zero] {
            assert!(!row(category).contains("ExemptionReason"), "{category}");
        }
    }
}
