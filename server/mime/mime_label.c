#include "mime/mime_label.h"

#include "base/tr.h"
/*
 * All labels of the WHATWG Encoding Standard, because that is what senders
 * mean: "iso-8859-1" and "us-ascii" are windows-1252, "gb2312" is gb18030,
 * "shift_jis" is cp932, "euc-kr" is cp949; and what mail has beside these.
 * Labels outside this table never reach iconv. The names of a group are
 * separated by spaces.
 */
static const struct {
	struct mime_label label;
	const char *names;
} groups[] = {
    {{MIME_LABEL_UTF8, NULL},
        "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 "
        "x-unicode20utf8 x-utf-8 utf_8 cp65001"},
    {{MIME_LABEL_LATIN, NULL},
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 "
        "iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
        "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 "
        "latin-1 cp-1252 win-1252 windows1252 ansi us_ascii "
        "ansi_x3.4-1986 iso646-us 646 default x-user-defined "
        "x-unknown unknown-8bit unknown 8bit 7bit 8859-1 x-ascii"},
    {{MIME_LABEL_SINGLE, "CP866"}, "866 cp866 csibm866 ibm866"},
    {{MIME_LABEL_SINGLE, "ISO-8859-2"},
        "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 "
        "iso_8859-2 iso_8859-2:1987 l2 latin2"},
    {{MIME_LABEL_SINGLE, "ISO-8859-3"},
        "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 "
        "iso_8859-3 iso_8859-3:1988 l3 latin3"},
    {{MIME_LABEL_SINGLE, "ISO-8859-4"},
        "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 "
        "iso_8859-4 iso_8859-4:1988 l4 latin4"},
    {{MIME_LABEL_SINGLE, "ISO-8859-5"},
        "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 "
        "iso88595 iso_8859-5 iso_8859-5:1988"},
    {{MIME_LABEL_SINGLE, "ISO-8859-6"},
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic "
        "ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i iso-ir-127 "
        "iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"},
    {{MIME_LABEL_SINGLE, "ISO-8859-7"},
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 "
        "iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 "
        "sun_eu_greek"},
    {{MIME_LABEL_SINGLE, "ISO-8859-8"},
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e "
        "iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 "
        "visual csiso88598i iso-8859-8-i logical"},
    {{MIME_LABEL_SINGLE, "ISO-8859-10"},
        "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 "
        "latin6"},
    {{MIME_LABEL_SINGLE, "ISO-8859-13"}, "iso-8859-13 iso8859-13 iso885913"},
    {{MIME_LABEL_SINGLE, "ISO-8859-14"}, "iso-8859-14 iso8859-14 iso885914"},
    {{MIME_LABEL_SINGLE, "ISO-8859-15"},
        "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9 "
        "latin9 latin-9"},
    {{MIME_LABEL_SINGLE, "ISO-8859-16"}, "iso-8859-16"},
    {{MIME_LABEL_SINGLE, "KOI8-R"}, "cskoi8r koi koi8 koi8-r koi8_r"},
    {{MIME_LABEL_SINGLE, "KOI8-U"}, "koi8-ru koi8-u"},
    {{MIME_LABEL_SINGLE, "MACINTOSH"}, "csmacintosh mac macintosh x-mac-roman"},
    {{MIME_LABEL_SINGLE, "MAC-CYRILLIC"}, "x-mac-cyrillic x-mac-ukrainian"},
    {{MIME_LABEL_SINGLE, "CP874"},
        "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874 "
        "cp874"},
    {{MIME_LABEL_SINGLE, "CP1250"},
        "cp1250 windows-1250 x-cp1250 win-1250 windows1250"},
    {{MIME_LABEL_SINGLE, "CP1251"},
        "cp1251 windows-1251 x-cp1251 win-1251 windows1251"},
    {{MIME_LABEL_SINGLE, "CP1253"},
        "cp1253 windows-1253 x-cp1253 win-1253 windows1253"},
    {{MIME_LABEL_SINGLE, "CP1254"},
        "cp1254 windows-1254 x-cp1254 win-1254 windows1254 "
        "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 "
        "iso_8859-9 iso_8859-9:1989 l5 latin5"},
    {{MIME_LABEL_SINGLE, "CP1255"},
        "cp1255 windows-1255 x-cp1255 win-1255 windows1255"},
    {{MIME_LABEL_SINGLE, "CP1256"},
        "cp1256 windows-1256 x-cp1256 win-1256 windows1256"},
    {{MIME_LABEL_SINGLE, "CP1257"},
        "cp1257 windows-1257 x-cp1257 win-1257 windows1257"},
    {{MIME_LABEL_SINGLE, "CP1258"},
        "cp1258 windows-1258 x-cp1258 win-1258 windows1258"},
    {{MIME_LABEL_SINGLE, "CP437"}, "cp437 ibm437 437"},
    {{MIME_LABEL_SINGLE, "CP850"}, "cp850 ibm850 850"},
    {{MIME_LABEL_SINGLE, "CP852"}, "cp852 ibm852 852"},
    {{MIME_LABEL_SINGLE, "VISCII"}, "viscii csviscii"},
    {{MIME_LABEL_SINGLE, "ARMSCII-8"}, "armscii-8"},
    {{MIME_LABEL_SINGLE, "GEORGIAN-PS"}, "georgian-ps"},
    {{MIME_LABEL_SINGLE, "PT154"}, "pt154 ptcp154 cp154"},
    {{MIME_LABEL_MULTI, "GB18030"},
        "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 "
        "gbk iso-ir-58 x-gbk gb18030 cp936 ms936 windows-936 euc-cn "
        "cn-gb gb-2312"},
    {{MIME_LABEL_MULTI, "BIG5-HKSCS"},
        "big5 big5-hkscs cn-big5 csbig5 x-x-big5 big-5"},
    {{MIME_LABEL_MULTI, "CP950"}, "cp950 ms950 windows-950"},
    {{MIME_LABEL_MULTI, "EUC-JP-MS"},
        "cseucpkdfmtjapanese euc-jp x-euc-jp eucjp euc_jp"},
    {{MIME_LABEL_MULTI, "CP932"},
        "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis "
        "windows-31j x-sjis cp932 windows-932 shiftjis x-ms-cp932"},
    {{MIME_LABEL_MULTI, "CP949"},
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean "
        "ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949 "
        "cp949 uhc ks_c_5601 x-windows-949 euckr"},
    {{MIME_LABEL_MULTI, "EUC-TW"}, "euc-tw x-euc-tw"},
    {{MIME_LABEL_JIS, "EUC-JP-MS"},
        "csiso2022jp iso-2022-jp iso-2022-jp-1 iso-2022-jp-ms cp50220 "
        "cp50221 cp50222 x-iso-2022-jp"},
    {{MIME_LABEL_STATE, "ISO-2022-JP-2"}, "iso-2022-jp-2 csiso2022jp2"},
    {{MIME_LABEL_STATE, "ISO-2022-JP-3"}, "iso-2022-jp-3 iso-2022-jp-2004"},
    {{MIME_LABEL_STATE, "ISO-2022-KR"}, "csiso2022kr iso-2022-kr"},
    {{MIME_LABEL_STATE, "ISO-2022-CN-EXT"}, "iso-2022-cn iso-2022-cn-ext"},
    {{MIME_LABEL_HZ, "GB18030"}, "hz-gb-2312 hz"},
    {{MIME_LABEL_STATE, "UTF-7"},
        "utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 csunicode11utf7 "
        "utf7"},
    {{MIME_LABEL_WIDE, "UTF-16LE"},
        "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 "
        "utf-16le utf16 ucs-2le"},
    {{MIME_LABEL_WIDE, "UTF-16BE"}, "unicodefffe utf-16be ucs-2be"},
    {{MIME_LABEL_WIDE4, "UTF-32LE"}, "utf-32 utf-32le ucs-4"},
    {{MIME_LABEL_WIDE4, "UTF-32BE"}, "utf-32be"},
};

/* Spaces and quotes around do not count. */
static struct str
label_trim(struct str label)
{
	label = str_trim(label);
	if (label.len >= 2 && (label.ptr[0] == '"' || label.ptr[0] == '\'') &&
	    label.ptr[label.len - 1] == label.ptr[0])
		label = str_trim(str_slice(label, 1, label.len - 1));
	return label;
}

/* "cp-850", as gateways write it, is cp850. */
static bool
label_is(struct str label, struct str name)
{
	if (str_starts_nocase(label, STR("cp-")) && str_starts(name, STR("cp")))
		return str_eq_nocase(str_slice(label, 3, label.len),
		    str_slice(name, 2, name.len));
	return str_eq_nocase(label, name);
}

const struct mime_label *
mime_label_find(struct str raw)
{
	struct str label = label_trim(raw);

	if (label.len == 0)
		return NULL;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct str rest = str_c(groups[i].names);
		while (rest.ptr != NULL) {
			if (label_is(label, str_cut(&rest, ' ')))
				return &groups[i].label;
		}
	}
	return NULL;
}

bool
mime_charset_is_known(struct str label)
{
	return mime_label_find(label) != NULL;
}

const struct mime_charset_choice *
mime_charset_menu(size_t *out_count)
{
	static const struct mime_charset_choice menu[] = {
	    {"utf-8", N_("Unicode (UTF-8)")},
	    {"windows-1252", N_("Western (Windows-1252, ISO-8859-1)")},
	    {"iso-8859-15", N_("Western (ISO-8859-15)")},
	    {"windows-1250", N_("Central European (Windows-1250)")},
	    {"iso-8859-2", N_("Central European (ISO-8859-2)")},
	    {"windows-1257", N_("Baltic (Windows-1257)")},
	    {"windows-1251", N_("Cyrillic (Windows-1251)")},
	    {"koi8-r", N_("Cyrillic (KOI8-R)")},
	    {"koi8-u", N_("Ukrainian (KOI8-U)")},
	    {"iso-8859-5", N_("Cyrillic (ISO-8859-5)")},
	    {"ibm866", N_("Cyrillic (DOS, 866)")},
	    {"windows-1253", N_("Greek (Windows-1253)")},
	    {"iso-8859-7", N_("Greek (ISO-8859-7)")},
	    {"windows-1254", N_("Turkish (Windows-1254, ISO-8859-9)")},
	    {"windows-1255", N_("Hebrew (Windows-1255)")},
	    {"iso-8859-8", N_("Hebrew (ISO-8859-8)")},
	    {"windows-1256", N_("Arabic (Windows-1256)")},
	    {"iso-8859-6", N_("Arabic (ISO-8859-6)")},
	    {"windows-874", N_("Thai (Windows-874, TIS-620)")},
	    {"windows-1258", N_("Vietnamese (Windows-1258)")},
	    {"gb18030", N_("Chinese, simplified (GB18030, GBK)")},
	    {"big5", N_("Chinese, traditional (Big5)")},
	    {"iso-2022-jp", N_("Japanese (ISO-2022-JP)")},
	    {"shift_jis", N_("Japanese (Shift_JIS)")},
	    {"euc-jp", N_("Japanese (EUC-JP)")},
	    {"euc-kr", N_("Korean (EUC-KR, Windows-949)")},
	    {"utf-7", N_("Unicode (UTF-7)")},
	    {"utf-16le", N_("Unicode (UTF-16)")},
	};

	*out_count = sizeof(menu) / sizeof(menu[0]);
	return menu;
}
