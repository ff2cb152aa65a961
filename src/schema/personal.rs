//! Personal data: what names people or reaches them, and is therefore masked on screen.

/// The kind of personal data in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personal {
    /// A name.
    Name,
    /// A phone number, an e-mail address, or an id of a messenger or of an official document.
    Contact,
    /// Where somebody lives, to the street.
    Address,
}

impl Personal {
    /// The kind of personal data in an additional column of customer exports, judged by words of its header: `备用电话`,
    /// `Default Address Street`.
    pub fn of_header(header: &str) -> Option<Self> {
        const CONTACT: [&str; 26] = [
            "phone",
            "mobile",
            "telephone",
            "tel",
            "cell",
            "cellphone",
            "fax",
            "email",
            "mail",
            "wechat",
            "weixin",
            "qq",
            "whatsapp",
            "line",
            "telegram",
            "skype",
            "passport",
            "ssn",
            "phones",
            "emails",
            "openid",
            "unionid",
            "msisdn",
            "contact",
            "iban",
            "vat",
        ];
        const CONTACT_ZH: [&str; 15] = [
            "电话",
            "手机",
            "邮箱",
            "邮件",
            "微信",
            "身份证",
            "证件号",
            "护照",
            "传真",
            "联系方式",
            "旺旺",
            "银行卡",
            "支付宝",
            "号码",
            "座机",
        ];
        const ADDRESS: [&str; 9] =
            ["address", "address1", "address2", "street", "addr", "zip", "zipcode", "postcode", "postal"];
        const ADDRESS_ZH: [&str; 5] = ["地址", "住址", "街道", "门牌", "邮编"];
        const NAME: [&str; 8] =
            ["name", "firstname", "lastname", "surname", "fullname", "nickname", "recipient", "receiver"];
        const NAME_ZH: [&str; 5] = ["姓名", "名字", "昵称", "收货人", "联系人"];
        let lower = header.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
        let has = |english: &[&str], chinese: &[&str]| {
            words.iter().any(|word| english.contains(word)) || chinese.iter().any(|word| lower.contains(word))
        };
        match () {
            () if has(&CONTACT, &CONTACT_ZH) => Some(Self::Contact),
            () if has(&ADDRESS, &ADDRESS_ZH) => Some(Self::Address),
            () if has(&NAME, &NAME_ZH) => Some(Self::Name),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_what_is_personal() {
        for (header, personal) in [
            ("备用电话", Some(Personal::Contact)),
            ("Home Phone", Some(Personal::Contact)),
            ("身份证号码", Some(Personal::Contact)),
            ("收货地址", Some(Personal::Address)),
            ("Default Address Address1", Some(Personal::Address)),
            ("Last Name", Some(Personal::Name)),
            ("联系人", Some(Personal::Name)),
            ("身高", None),
            ("skin_type", None),
            ("Total Spent", None),
            ("pipeline", None),
            ("积分", None),
        ] {
            assert_eq!(Personal::of_header(header), personal, "{header}");
        }
    }
}
