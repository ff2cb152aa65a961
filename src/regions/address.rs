//! Finds province and city at the start of a free-text address.

use super::gazetteer::{CITIES, PROVINCES, Place};

/// What the start of an address names.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Head {
    /// The province.
    pub province: Option<&'static Place>,
    /// The city, if it is in that province.
    pub city: Option<&'static Place>,
}

/// Reads `浙江省 杭州市 …`, `广东深圳市福田区…`, `中国，北京，朝阳区…`, `深圳市南山区…`. If the start names nothing, a part between commas or spaces
/// that is a province or a city counts (`12 Main St, 杭州市, 浙江省`).
pub(super) fn head(address: &str) -> Head {
    let text = after_country(address);
    let found = leading(&text);
    if found.province.is_some() {
        return found;
    }
    let mut parts = Head::default();
    for part in address.split([',', '，', ';', '；', ' ', '\u{3000}', '\n']) {
        let part = super::squash(part);
        // A Latin name has no recognisable end within running text, so it must be a part of its own.
        parts.province = parts
            .province
            .or_else(|| PROVINCES.named(&part).filter(|_| part.chars().count() > 1 && !is_code(&part)));
        parts.city = parts.city.or_else(|| CITIES.named(&part).filter(|_| !is_code(&part)));
    }
    match (parts.province, parts.city) {
        (Some(province), city) => {
            Head { province: Some(province), city: city.filter(|city| city.parent == province.short) }
        }
        (None, Some(city)) => Head { province: PROVINCES.named(&city.parent), city: Some(city) },
        (None, None) => Head::default(),
    }
}

/// Whether this is a short code of letters and digits, which can mean anything in an address.
fn is_code(part: &str) -> bool {
    part.is_ascii() && part.len() <= 4
}

/// The address without spaces and commas, and without a country and a postal code at its start.
fn after_country(address: &str) -> String {
    let text: String = address
        .chars()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, ',' | '，' | '、' | '.' | '。' | '-' | '·' | '/' | '|')
        })
        .collect();
    let mut rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    for country in ["中华人民共和国", "中国", "中國", "China", "CN"] {
        rest = rest.strip_prefix(country).unwrap_or(rest);
    }
    rest.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned()
}

fn leading(text: &str) -> Head {
    let Some((province, mut rest)) =
        PROVINCES.leading(text).filter(|(place, rest)| is_region(place, text, rest))
    else {
        // If no province is at the start, the city tells which it is.
        let city =
            CITIES.leading(text).filter(|(place, rest)| is_region(place, text, rest)).map(|(city, _)| city);
        return Head { province: city.and_then(|city| PROVINCES.named(&city.parent)), city };
    };
    // 上海市上海市浦东新区; 北京市市辖区; 湖北省省直辖县级行政区划潜江市.
    for filler in ["省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖", "市辖区", "辖区"]
    {
        rest = rest.strip_prefix(filler).unwrap_or(rest);
    }
    if CITIES.named(&province.short).is_some_and(Place::is_own_parent) {
        return Head { province: Some(province), city: CITIES.named(&province.short) };
    }
    let city = CITIES.leading(rest).map(|(city, _)| city).filter(|city| city.parent == province.short);
    Head { province: Some(province), city }
}

/// Whether a name at the start is a region and not a street: `北京东路12号`, `吉林路`.
fn is_region(place: &Place, text: &str, rest: &str) -> bool {
    let is_short = text.len() - rest.len() == place.short.len();
    let street = rest.trim_start_matches(['东', '西', '南', '北', '中', '一', '二', '三', '四', '五']);
    let is_street = ["路", "街", "大道", "大街", "巷", "弄", "里", "胡同", "村"]
        .iter()
        .any(|word| street.starts_with(word));
    // 朝阳区 is a district of Beijing, 海南州 a prefecture of Qinghai, 河南蒙古族自治县 a county there.
    let is_smaller = ["区", "县", "州", "旗", "镇", "乡"].iter().any(|word| rest.starts_with(word))
        || rest
            .split_once("自治")
            .is_some_and(|(people, _)| people.ends_with('族') && people.chars().count() < 6);
    !(is_short && (is_street || is_smaller))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_addresses() {
        for (address, province, city) in [
            ("浙江省 杭州市 西湖区 文三路1号", "浙江", "杭州"),
            ("广东深圳市福田区福华路1号", "广东", "深圳"),
            ("广东深圳福田区福华路1号", "广东", "深圳"),
            ("北京朝阳区三环到四环之间", "北京", "北京"),
            ("上海市上海市浦东新区张江路", "上海", "上海"),
            ("内蒙古自治区锡林郭勒盟锡林浩特市", "内蒙古", "锡林郭勒"),
            ("湖北省恩施土家族苗族自治州恩施市", "湖北", "恩施"),
            ("广西壮族自治区，南宁市，青秀区　民族大道", "广西", "南宁"),
            ("深圳市南山区科苑路", "广东", "深圳"),
            ("廣東省廣州市天河區", "广东", "广州"),
            ("上海市黄浦区北京东路668号", "上海", "上海"),
            ("吉林省吉林市船营区", "吉林", "吉林"),
            ("中国广东省深圳市宝安区", "广东", "深圳"),
            ("518057 广东省深圳市南山区", "广东", "深圳"),
            ("湖北省 省直辖县级行政区划 潜江市", "湖北", "潜江"),
            ("测试路1号, 杭州市, 浙江省, 310000", "浙江", "杭州"),
            ("浙江省义乌市福田街道", "浙江", ""),
            ("北京东路12号", "", ""),
            ("朝阳区望京街道", "", ""),
            ("朝阳区建国路，北京", "北京", "北京"),
            ("河北区中山路1号，天津", "天津", "天津"),
            ("朝阳区红旗街，长春市，吉林省", "吉林", "长春"),
            ("西安区太平路，牡丹江市", "黑龙江", "牡丹江"),
            ("海南州共和县", "青海", "海南州"),
            ("河南蒙古族自治县 青海", "青海", ""),
            ("幸福路12号", "", ""),
            ("12 Main St, Springfield, CA", "", ""),
            ("", "", ""),
        ] {
            let found = head(address);
            let name = |place: Option<&'static Place>| place.map_or("", |place| place.short.as_str());
            assert_eq!((name(found.province), name(found.city)), (province, city), "{address}");
        }
    }
}
