//! From flags and configuration to validated reading options and inputs.

use std::io::IsTerminal;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::shared::{InputArgs, ScopeArgs};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::ingest::source::{Input, expand};
use crate::ingest::value::date;
use crate::ingest::{ReadOptions, encoding, nearest};
use crate::metrics::Scope;

/// The inputs: those named, else those of the configuration, else a pipe.
pub fn inputs(args: &InputArgs, config: &Config) -> Result<Vec<Input>> {
    let named: Vec<String> = args.files.iter().chain(&args.orders).cloned().collect();
    if !named.is_empty() {
        return expand(&named);
    }
    if !config.inputs.orders.is_empty() {
        return expand(&config.resolved(&config.inputs.orders));
    }
    if std::io::stdin().is_terminal() {
        return Err(Error::usage(
            "no input",
            "name an order export (ecrm segment orders.csv), pipe one in, or let `ecrm init FILES` remember them",
        ));
    }
    Ok(vec![Input::Stdin])
}

/// How to read: flags first, then the configuration.
pub fn options(args: &InputArgs, config: &Config) -> Result<ReadOptions> {
    let read = &config.read;
    let mut mapping = args.map.clone();
    for (name, header) in &read.map {
        let field = name.parse().map_err(|message: String| {
            Error::config(config.name(), format!("[read.map] {message}"), "write field = \"Header\"")
        })?;
        if !mapping.iter().any(|(seen, _)| *seen == field) {
            mapping.push((field, header.clone()));
        }
    }
    let encoding = args.encoding.as_ref().or(read.encoding.as_ref()).map(|name| {
        encoding::named(name).ok_or_else(|| {
            Error::usage(
                format!("no encoding is called {name:?}"),
                "common ones are utf-8, gb18030, big5, shift_jis, windows-1252",
            )
        })
    });
    let delimiter = args.delimiter.as_ref().or(read.delimiter.as_ref()).map(|text| parse_delimiter(text));
    Ok(ReadOptions {
        mapping,
        preset: args.preset.clone().or_else(|| read.preset.clone()).map(checked_preset).transpose()?,
        date_order: args.date_order.or(read.date_order),
        zone: zone(args, config)?,
        encoding: encoding.transpose()?,
        delimiter: delimiter.transpose()?,
        status_words: config.status.clone(),
        currency: args.currency.clone().or_else(|| read.currency.clone()),
        ..ReadOptions::default()
    })
}

/// Which orders count: flags first, then the configuration.
pub fn scope(args: &ScopeArgs, input: &InputArgs, config: &Config) -> Result<Scope> {
    let as_of = args.as_of.as_ref().or(config.scope.as_of.as_ref());
    let zone = zone(input, config)?;
    Ok(Scope {
        as_of: as_of.map(|text| parse_day(text, zone)).transpose()?,
        window: args.window.or(config.scope.window).filter(|window| *window > 0),
        include_zero_orders: args.include_zero_orders || config.scope.include_zero_orders.unwrap_or(false),
    })
}

fn zone(args: &InputArgs, config: &Config) -> Result<Option<Tz>> {
    let Some(name) = args.tz.as_ref().or(config.read.tz.as_ref()) else { return Ok(None) };
    match name.parse::<Tz>() {
        Ok(zone) => Ok(Some(zone)),
        Err(_) => {
            let near = nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            let hint = near.map_or_else(
                || "zones are called like Asia/Shanghai".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            Err(Error::usage(format!("no time zone is called {name:?}"), hint))
        }
    }
}

fn checked_preset(name: String) -> Result<String> {
    crate::ingest::preset::Preset::named(&name).map(|_| name)
}

fn parse_delimiter(text: &str) -> Result<u8> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [byte @ (b',' | b';' | b'|' | b'\t' | b':' | b' ')] => Ok(*byte),
        _ => Err(Error::usage(format!("{text:?} is no delimiter"), "use , ; | : or tab")),
    }
}

fn parse_day(text: &str, zone: Option<Tz>) -> Result<i32> {
    if text == "today" {
        let today = match zone {
            Some(zone) => chrono::Utc::now().with_timezone(&zone).date_naive(),
            None => chrono::Local::now().date_naive(),
        };
        return Ok(date::days(today));
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map(date::days).map_err(|_| {
        Error::usage(format!("{text:?} is no day"), "write --as-of 2026-06-30, or --as-of today")
    })
}
