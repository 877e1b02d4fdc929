#include <stddef.h>

#include "base/num.h"
#include "options.h"

#define DAYS_MAX 3650

enum kind {
	IS_STR,
	IS_TEXT,
	IS_PATH,
	IS_DAYS,
	IS_SAN,
	IS_FLAG
};

/* Macros because they must be constants of a table. */
#define BIT(command) (1U << (unsigned)OPTIONS_##command)
#define AT(member)   offsetof(struct options, member)
#define MAKES        (BIT(SELFSIGNED) | BIT(CSR))
#define CA_ALL       (BIT(CA_INIT) | BIT(CA_ISSUE) | BIT(CA_REVOKE) | BIT(CA_CRL))
#define TRUST_ALL                                               \
	(BIT(TRUST_ADD) | BIT(TRUST_LIST) | BIT(TRUST_REMOVE) | \
	    BIT(TRUST_TEST) | BIT(TRUST_FETCH))
/* Those that set keys of the ini file. */
#define SETS (BIT(CONFIGURE) | BIT(SETUP))
#define ALL  (~0U)

static const struct row {
	const char *word;
	enum kind kind;
	unsigned commands;
	size_t at;
} ROWS[] = {
    {"--name", IS_STR,
        MAKES | BIT(CHECK) | BIT(IMPORT) | BIT(CA_INIT) | BIT(CA_ISSUE) |
            BIT(SETUP),
        AT(name)},
    {"--san", IS_SAN, MAKES | BIT(CA_ISSUE) | BIT(SETUP), 0},
    {"--org", IS_STR, MAKES | BIT(CA_INIT) | BIT(CA_ISSUE) | BIT(SETUP),
        AT(organization)},
    {"--key", IS_STR, MAKES | BIT(CA_INIT) | BIT(CA_ISSUE) | BIT(SETUP),
        AT(key_kind)},
    {"--days", IS_DAYS,
        BIT(SELFSIGNED) | BIT(CA_INIT) | BIT(CA_ISSUE) | BIT(CA_CRL) |
            BIT(SETUP),
        AT(days)},
    {"--out-dir", IS_TEXT,
        MAKES | BIT(IMPORT) | BIT(CA_ISSUE) | BIT(SETUP) | BIT(WIZARD),
        AT(out_dir)},
    {"--key-file", IS_PATH,
        MAKES | BIT(CHECK) | BIT(IMPORT) | BIT(EXPORT) | BIT(PASSWORD) |
            BIT(CA_ISSUE) | BIT(CONFIGURE),
        AT(key_path)},
    {"--cert", IS_PATH,
        BIT(SELFSIGNED) | BIT(CHECK) | BIT(IMPORT) | BIT(EXPORT) |
            BIT(CA_ISSUE) | BIT(CA_REVOKE) | BIT(CONFIGURE),
        AT(out_path)},
    {"--csr", IS_PATH, BIT(CSR), AT(out_path)},
    {"--csr", IS_TEXT, BIT(CA_ISSUE), AT(csr)},
    {"--config", IS_TEXT,
        BIT(CHECK) | BIT(IMPORT) | TRUST_ALL | SETS | BIT(WIZARD), AT(config)},
    {"--root", IS_TEXT, BIT(CHECK) | BIT(IMPORT), AT(root)},
    {"--password-file", IS_TEXT,
        MAKES | BIT(CHECK) | BIT(IMPORT) | BIT(EXPORT) | BIT(PASSWORD) |
            CA_ALL | SETS,
        AT(password_file)},
    {"--in-password-file", IS_TEXT, BIT(IMPORT) | BIT(SHOW),
        AT(in_password_file)},
    {"--out-password-file", IS_TEXT, BIT(EXPORT) | BIT(CA_ISSUE),
        AT(out_password_file)},
    {"--new-password-file", IS_TEXT, BIT(PASSWORD), AT(new_password_file)},
    {"--remove", IS_FLAG, BIT(PASSWORD), AT(remove)},
    {"--force", IS_FLAG,
        BIT(IMPORT) | BIT(EXPORT) | BIT(TRUST_REMOVE) | BIT(SETUP), AT(force)},
    {"--format", IS_TEXT, BIT(EXPORT), AT(format)},
    {"--out", IS_TEXT, BIT(EXPORT), AT(out)},
    {"--compat", IS_FLAG, BIT(EXPORT) | BIT(CA_ISSUE), AT(compat)},
    {"--p12", IS_TEXT, BIT(CA_ISSUE), AT(p12)},
    {"--with-key", IS_FLAG, BIT(EXPORT), AT(with_key)},
    {"--ca-dir", IS_TEXT, CA_ALL, AT(ca_dir)},
    {"--crl-url", IS_TEXT, BIT(CA_INIT), AT(crl_url)},
    {"--purpose", IS_TEXT, BIT(CA_ISSUE), AT(purpose)},
    {"--serial", IS_TEXT, BIT(CA_REVOKE), AT(serial)},
    {"--reason", IS_TEXT, BIT(CA_REVOKE), AT(reason)},
    {"--for", IS_TEXT, TRUST_ALL, AT(store)},
    {"--file", IS_TEXT, TRUST_ALL, AT(file)},
    {"--host", IS_TEXT, TRUST_ALL | BIT(CONFIGURE), AT(host)},
    {"--starttls", IS_TEXT, BIT(TRUST_FETCH) | BIT(CHECK), AT(starttls)},
    {"--fetch-chain", IS_FLAG, BIT(IMPORT), AT(fetch_chain)},
    {"--json", IS_FLAG, BIT(CHECK), AT(json)},
    {"--fingerprint", IS_TEXT, BIT(TRUST_FETCH), AT(fingerprint)},
    {"--protocol", IS_TEXT, SETS, AT(protocol)},
    {"--strength", IS_TEXT, SETS, AT(strength)},
    {"--ciphers", IS_TEXT, BIT(CONFIGURE), AT(ciphers)},
    {"--suites", IS_TEXT, BIT(CONFIGURE), AT(suites)},
    {"--verify-client", IS_TEXT, SETS, AT(verify_client)},
    {"--trust-store", IS_TEXT, SETS, AT(trust_store)},
    {"--acme-webroot", IS_TEXT, SETS, AT(acme_webroot)},
    {"--mail-trust-store", IS_TEXT, BIT(CONFIGURE), AT(mail_trust_store)},
    {"--enable-ssl", IS_TEXT, BIT(CONFIGURE), AT(enable_ssl)},
    {"--force-ssl", IS_TEXT, SETS, AT(force_ssl)},
    {"--yes", IS_FLAG, BIT(TRUST_REMOVE) | BIT(TRUST_FETCH) | BIT(SETUP),
        AT(yes)},
    {"--any-ini", IS_FLAG, BIT(SETUP) | BIT(WIZARD), AT(any_ini)},
    {"--fips", IS_FLAG, ALL, AT(fips)},
};

enum err_code
options_path(char *out, const char *folder, const char *name, struct err *err)
{
	int len = folder == NULL ? snprintf(out, OPTIONS_PATH_BYTES, "%s", name)
	                         : snprintf(out, OPTIONS_PATH_BYTES, "%s/%s",
	                               folder, name);

	if (len < 0 || len >= OPTIONS_PATH_BYTES)
		return err_sayf(err, ERR_INPUT,
		    "A path may have at most %d bytes.",
		    OPTIONS_PATH_BYTES - 1);
	return ERR_OK;
}

static enum err_code
add_san(struct options *out, struct str value, struct err *err)
{
	if (out->san_count == OPTIONS_SANS_MAX)
		return err_sayf(err, ERR_INPUT,
		    "At most %d --san are possible.", OPTIONS_SANS_MAX);
	out->sans[out->san_count++] = value;
	return ERR_OK;
}

static enum err_code
take_value(struct options *out, const struct row *row, const char *value,
    struct err *err)
{
	void *place = (char *)out + row->at;

	switch (row->kind) {
	case IS_STR:
		*(struct str *)place = str_c(value);
		return ERR_OK;
	case IS_TEXT:
		*(const char **)place = value;
		return ERR_OK;
	case IS_PATH:
		if (place == out->key_path)
			out->key_is_given = true;
		return options_path(place, NULL, value, err);
	case IS_DAYS:
		if (num_u32(str_c(value), 1, DAYS_MAX, place, err) != ERR_OK)
			return err_sayf(err, ERR_INPUT,
			    "--days takes a number from 1 to %d, not \"%s\".",
			    DAYS_MAX, value);
		return ERR_OK;
	case IS_SAN:
		return add_san(out, str_c(value), err);
	case IS_FLAG:
	default:
		if (value != NULL)
			return err_sayf(
			    err, ERR_INPUT, "%s takes no value.", row->word);
		*(bool *)place = true;
		return ERR_OK;
	}
}

enum err_code
options_take(
    struct options *out, struct str option, const char *value, struct err *err)
{
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if ((ROWS[i].commands & 1U << (unsigned)out->command) != 0 &&
		    str_eq(option, str_c(ROWS[i].word)))
			return take_value(out, &ROWS[i], value, err);
	return err_sayf(err, ERR_INPUT,
	    "%.*s is no option of this command. iwebmsg-ssl --help "
	    "lists them.",
	    STR_ARG(option));
}

bool
options_has(enum options_command command, struct str option)
{
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if ((ROWS[i].commands & 1U << (unsigned)command) != 0 &&
		    str_starts(option, str_c(ROWS[i].word)))
			return true;
	return false;
}

bool
options_is_flag(struct str option)
{
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (ROWS[i].kind == IS_FLAG &&
		    str_eq(option, str_c(ROWS[i].word)))
			return true;
	return false;
}
