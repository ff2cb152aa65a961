//! Where an order went: country, province and city, each under one name, however they are written in exports.
//!
//! China's provinces and cities come to one short form (`广东`, `深圳`) from full names, autonomous regions,
//! traditional characters, pinyin, English names, ISO 3166-2 codes and free-text addresses; the names and their
//! sources are in the data files beside this one. Other countries' names stay as they are, trimmed.

mod address;
mod gazetteer;

use gazetteer::{CITIES, PROVINCES, Place, squash};

/// A region; a name that is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Region {
    /// The country: `中国`, or as written; Hong Kong, Macao and Taiwan go by their own names ([`OWN_NAMES`]).
    pub country: String,
    /// The province or state.
    pub province: String,
    /// The city.
    pub city: String,
}

/// The cells of an export that say where an order went.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written<'a> {
    /// The country's cell.
    pub country: &'a str,
    /// The province's cell.
    pub province: &'a str,
    /// The city's cell.
    pub city: &'a str,
    /// A free-text address, used if the cells above are blank.
    pub address: &'a str,
}

/// China's name in results.
const CHINA: &str = "中国";

/// Places that keep their own name at every level, however an export files them, because shops treat shipping to them
/// separately.
pub const OWN_NAMES: [&str; 3] = ["香港", "澳门", "台湾"];

impl Region {
    /// The region that cells name. `home` is the country of places that name none, as the platform has it.
    ///
    /// ```
    /// use ecrm::regions::{Region, Written};
    /// let region = Region::of(Written { province: "广东省", city: "深圳市", ..Written::default() }, None);
    /// assert_eq!((region.province.as_str(), region.city.as_str()), ("广东", "深圳"));
    /// let region = Region::of(Written { address: "广东深圳市福田区福华路1号", ..Written::default() }, Some("CN"));
    /// assert_eq!((region.country.as_str(), region.city.as_str()), ("中国", "深圳"));
    /// let region = Region::of(Written { country: "US", province: " California ", ..Written::default() }, None);
    /// assert_eq!((region.country.as_str(), region.province.as_str()), ("US", "California"));
    /// ```
    pub fn of(written: Written<'_>, home: Option<&str>) -> Self {
        let country = match tidy(written.country) {
            country if country.is_empty() => home.unwrap_or_default().to_owned(),
            country => country,
        };
        if !country.is_empty() && !is_chinese(&country) {
            return Self { country, province: tidy(written.province), city: tidy(written.city) };
        }
        let (province, city) = chinese(&Written { country: &country, ..written }, is_china(&country));
        // A province in the data files belongs to China, whatever the country is called, so that the region is one.
        let is_china = is_china(&country) || province.is_ok();
        let country = if is_china { CHINA.to_owned() } else { country };
        Self::named(country, province.unwrap_or_else(|text| text), city)
    }

    /// The region with names that are already in their short form, as in results and stores.
    ///
    /// ```
    /// use ecrm::regions::Region;
    /// let region = Region::named("中国".into(), "香港".into(), String::new());
    /// assert_eq!((region.country.as_str(), region.province.as_str()), ("香港", "香港"));
    /// ```
    pub fn named(country: String, province: String, city: String) -> Self {
        let has_own_name = country == CHINA && OWN_NAMES.contains(&province.as_str());
        Self { country: if has_own_name { province.clone() } else { country }, province, city }
    }

    /// The region in the form in which regions are grouped: in lower case.
    pub fn folded(&self) -> Self {
        let fold = |name: &str| name.to_lowercase();
        Self { country: fold(&self.country), province: fold(&self.province), city: fold(&self.city) }
    }
}

/// The province (or the text written there, if it is not in the data files) and the city, for places in China or in a
/// country that is not named.
fn chinese(written: &Written<'_>, is_sure: bool) -> (Result<String, String>, String) {
    let (province_text, city_text) = (tidy(written.province), tidy(written.city));
    let from_country = country_province(written.country);
    let mut province = province_of(&province_text, is_sure).or(from_country);
    // Some cities share their pinyin (Suzhou); the province tells them apart.
    let is_elsewhere = province.is_none() && !province_text.is_empty();
    let with_province = || CITIES.named(&squash(&format!("{city_text}{province_text}")));
    let mut city = CITIES
        .named(&squash(&city_text))
        .or_else(|| if squash(&city_text).is_empty() { None } else { with_province() })
        .filter(|_| !is_elsewhere);
    if province.is_none() && province_text.is_empty() && city.is_none() {
        let found = address::head(written.address);
        (province, city) = (found.province, city.or(found.city));
    } else if city.is_none() && city_text.is_empty() && province.is_some() {
        city = address::head(written.address)
            .city
            .filter(|city| province.is_some_and(|p| city.parent == p.short));
    }
    if let (None, true, Some(city)) = (province, province_text.is_empty(), city) {
        province = PROVINCES.named(&squash(&city.parent));
    }
    // A municipality is its own city; exports write a district or 市辖区 there.
    if let Some(own) =
        province.and_then(|province| CITIES.named(&province.short)).filter(|own| own.is_own_parent())
    {
        city = Some(own);
    }
    let city = city.map_or(city_text, |city| city.short.clone());
    (province.map(|province| province.short.clone()).ok_or(province_text), city)
}

/// The province that a country's name means, if it is in the data files.
fn country_province(country: &str) -> Option<&'static Place> {
    let squashed = squash(country);
    match squashed.as_str() {
        "hk" | "hkg" => PROVINCES.named("香港"),
        "mo" | "mac" => PROVINCES.named("澳门"),
        "tw" | "twn" => PROVINCES.named("台湾"),
        _ if squashed.len() > 4 => PROVINCES.named(&squashed),
        _ => None,
    }
}

fn province_of(text: &str, is_sure: bool) -> Option<&'static Place> {
    let squashed = squash(text);
    // Two letters are a province's code only if the country is known to be China: CA is not in China.
    let is_code = squashed.len() <= 4 && squashed.is_ascii();
    if is_code && !is_sure && !squashed.starts_with("cn") {
        return None;
    }
    PROVINCES.named(&squashed)
}

fn is_china(country: &str) -> bool {
    const NAMES: [&str; 14] = [
        "cn",
        "chn",
        "china",
        "prc",
        "中国",
        "中國",
        "中华人民共和国",
        "中華人民共和國",
        "中国大陆",
        "中國大陸",
        "中国内地",
        "peoplesrepublicofchina",
        "mainlandchina",
        "chinamainland",
    ];
    NAMES.contains(&squash(country).replace(['.', ',', '(', ')'], "").as_str())
}

/// Whether the country's regions are in the data files.
fn is_chinese(country: &str) -> bool {
    is_china(country) || country_province(country).is_some()
}

/// A cell trimmed, without doubled spaces; empty if it is a way of writing "nothing".
fn tidy(text: &str) -> String {
    use crate::text::{is_null, trim};
    // Characters without width may be anywhere in copied text.
    let visible = text.replace(['\u{200b}', '\u{feff}'], "");
    let trimmed = String::from_utf8_lossy(trim(visible.as_bytes())).into_owned();
    let tidy = trimmed.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_null(tidy.as_bytes()) { String::new() } else { tidy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn province(text: &str) -> String {
        Region::of(Written { province: text, ..Written::default() }, None).province
    }

    #[test]
    fn provinces_come_to_one_form() {
        for (short, forms) in [
            ("内蒙古", &["内蒙古自治区", "内蒙", "Inner Mongolia", "內蒙古自治區", "Nei Mongol"][..]),
            ("江苏", &["江苏省", "江苏", "江蘇省", "Jiangsu", "JIANGSU SHENG", " 江苏 "]),
            ("上海", &["上海", "上海市", "Shanghai", "Shanghai Shi"]),
            ("陕西", &["陕西省", "Shaanxi"]),
            ("山西", &["山西", "Shanxi"]),
            ("香港", &["香港特别行政区", "Hong Kong"]),
            ("台湾", &["臺灣", "台湾省", "Taiwan"]),
            ("广西", &["广西壮族自治区", "Guangxi"]),
        ] {
            for form in forms {
                assert_eq!(province(form), short, "{form}");
            }
        }
    }

    #[test]
    fn other_countries_pass_through() {
        assert_eq!(province(" california "), "california");
        assert_eq!(province("CA"), "CA");
        let region = Region::of(Written { country: "CN", province: "GD", ..Written::default() }, None);
        assert_eq!((region.country.as_str(), region.province.as_str()), ("中国", "广东"));
        let region = Region::of(Written { country: "CA", province: "BC", ..Written::default() }, Some("CN"));
        assert_eq!((region.country.as_str(), region.province.as_str()), ("CA", "BC"));
        let upper = Region { province: "TEXAS".into(), ..Region::default() };
        let lower = Region { province: "Texas".into(), ..Region::default() };
        assert_eq!(upper.folded(), lower.folded());
    }

    #[test]
    fn hong_kong_macao_and_taiwan_go_by_their_own_names() {
        let of = |country: &str, province: &str, city: &str, address: &str, home| {
            let region = Region::of(Written { country, province, city, address }, home);
            [region.country, region.province, region.city]
        };
        for (name, forms) in [
            (
                "香港",
                &[
                    "Hong Kong",
                    "HK",
                    "HKG",
                    "香港",
                    "中国香港",
                    "Hong Kong SAR",
                    "Hong Kong, China",
                    "香港特别行政区",
                ][..],
            ),
            ("澳门", &["Macau", "Macao", "MO", "澳門", "Macao SAR China"]),
            ("台湾", &["Taiwan", "TW", "TWN", "臺灣", "Taiwan, Province of China", "Taiwan, China"]),
        ] {
            for form in forms {
                for home in [None, Some("CN")] {
                    // As a country, and as a province of no country.
                    let region = of(form, "", "", "", home);
                    assert_eq!(region[..2], [name, name], "{form} {home:?}");
                }
            }
        }
        // However they are filed, they are one place.
        for home in [None, Some("CN")] {
            for (country, province) in
                [("", "香港特别行政区"), ("CN", "HK"), ("中国", "香港"), ("China", "Hong Kong")]
            {
                assert_eq!(
                    of(country, province, "", "", home)[..2],
                    ["香港", "香港"],
                    "{country} {province}"
                );
            }
        }
        assert_eq!(of("", "", "", "香港九龙弥敦道1号", Some("CN"))[..2], ["香港", "香港"]);
        assert_eq!(of("TW", "", "台北市", "", None), ["台湾", "台湾", "台北"]);
        // The others are 中国.
        assert_eq!(of("CN", "GD", "", "", None)[..2], ["中国", "广东"]);
        assert_eq!(of("", "Guangdong", "", "", Some("CN"))[..2], ["中国", "广东"]);
    }

    #[test]
    fn a_region_is_its_own() {
        for text in [
            "hk",
            "HK",
            "CN",
            "广东",
            "Suzhou",
            "tw",
            "Taiwan",
            "深圳",
            "朝阳",
            "BJ",
            "-",
            "中国香港",
            "PRC",
            "吉林",
            "CN8",
        ] {
            for i in 0..4 {
                let cell = |place: usize| if place == i { text } else { "" };
                let written =
                    Written { country: cell(0), province: cell(1), city: cell(2), address: cell(3) };
                for home in [None, Some("CN")] {
                    let region = Region::of(written, home);
                    let Region { country, province, city } = &region;
                    let again = Region::of(Written { country, province, city, address: "" }, home);
                    assert_eq!(region.folded(), again.folded(), "{written:?} {home:?}");
                }
            }
        }
    }

    #[test]
    fn cities_tell_their_province_and_municipalities_are_their_own() {
        let of = |province: &'static str, city: &'static str| {
            let region = Region::of(Written { province, city, ..Written::default() }, Some("CN"));
            (region.province, region.city)
        };
        assert_eq!(of("", "杭州市"), ("浙江".into(), "杭州".into()));
        assert_eq!(of("上海", "浦东新区"), ("上海".into(), "上海".into()));
        assert_eq!(of("北京市", "市辖区"), ("北京".into(), "北京".into()));
        assert_eq!(of("浙江省", "义乌市"), ("浙江".into(), "义乌市".into()));
    }
}
