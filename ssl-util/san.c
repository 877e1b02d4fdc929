#include "san.h"

#include <ctype.h>

#include "idn.h"
#include "key.h"

#define DNS_NAME_MAX    253
#define DNS_LABEL_MAX   63
#define EMAIL_LOCAL_MAX 64
#define EMAIL_MORE      "!#$%&'*+-/=?^_`{|}~."

void
san_free(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
	*names = NULL;
}

static bool
is_label(struct str label)
{
	if (label.len == 0 || label.len > DNS_LABEL_MAX ||
	    label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		unsigned char c = (unsigned char)label.ptr[i];
		if (c > 127 || !(isalnum(c) || c == '-' || c == '_'))
			return false;
	}
	return true;
}

/* RFC 1034, 3.5, and one '*' as the whole first label (RFC 6125, 6.4.3). */
static bool
is_dns_name(struct str name)
{
	struct str rest = name;
	size_t labels = 0;
	bool has_star = false;

	if (name.len == 0 || name.len > DNS_NAME_MAX)
		return false;
	while (rest.ptr != NULL) {
		struct str label = str_cut(&rest, '.');
		if (labels == 0 && str_eq(label, STR("*")))
			has_star = true;
		else if (!is_label(label))
			return false;
		labels++;
	}
	return !has_star || labels >= 3;
}

static ASN1_OCTET_STRING *
address_of(struct str value)
{
	char address[64];

	if (value.len >= sizeof(address) || value.len == 0 ||
	    memchr(value.ptr, '\0', value.len) != NULL)
		return NULL;
	memcpy(address, value.ptr, value.len);
	address[value.len] = '\0';
	return a2i_IPADDRESS(address);
}

static bool
has_name(const GENERAL_NAMES *names, const GENERAL_NAME *name)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		GENERAL_NAME *there = sk_GENERAL_NAME_value(names, i);
		if (there->type == name->type &&
		    ASN1_STRING_cmp(there->d.ia5, name->d.ia5) == 0)
			return true;
	}
	return false;
}

/* Takes `value`, also when it fails. */
static enum err_code
push(GENERAL_NAMES *names, int type, ASN1_STRING *value, struct err *err)
{
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (name == NULL || value == NULL) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(value);
		return key_fail("take a name", err);
	}
	GENERAL_NAME_set0_value(name, type, value);
	if (has_name(names, name)) {
		GENERAL_NAME_free(name);
		return ERR_OK;
	}
	if (sk_GENERAL_NAME_push(names, name) <= 0) {
		GENERAL_NAME_free(name);
		return key_fail("take a name", err);
	}
	return ERR_OK;
}

static enum err_code
add_dns(GENERAL_NAMES *names, struct str name, struct err *err)
{
	char ascii[IDN_BYTES] = "";
	enum err_code rc = idn_to_ascii(name, ascii, err);
	struct str value = str_c(ascii);

	if (rc != ERR_OK)
		return rc;
	if (!is_dns_name(value))
		return err_sayf(err, ERR_INPUT,
		    "\"%.*s\" is no host name. Use letters, digits, hyphens "
		    "and dots: mail.example.org, *.example.org.",
		    STR_ARG(value));
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	if (text == NULL ||
	    ASN1_STRING_set(text, value.ptr, (int)value.len) != 1) {
		ASN1_STRING_free(text);
		return key_fail("take a name", err);
	}
	return push(names, GEN_DNS, text, err);
}

/* RFC 5321's local part without quotes, and a host name. */
static bool
is_address(struct str value)
{
	size_t at = str_find_byte(value, '@', 0);

	if (at == 0 || at >= value.len || at > EMAIL_LOCAL_MAX)
		return false;
	for (size_t i = 0; i < at; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c > 127 || (!isalnum(c) && strchr(EMAIL_MORE, c) == NULL))
			return false;
	}
	struct str host = str_slice(value, at + 1, value.len);
	return is_dns_name(host) && !str_starts(host, STR("*"));
}

/* The local part as it is, the host in the form of the DNS (RFC 5890). */
static enum err_code
email_to_ascii(struct str address, char *out, size_t size, struct err *err)
{
	size_t at = str_find_byte(address, '@', 0);
	char host[IDN_BYTES] = "";
	enum err_code rc =
	    idn_to_ascii(str_slice(address, at + 1, address.len), host, err);
	int len = 0;

	if (rc == ERR_OK && at < address.len)
		len =
		    snprintf(out, size, "%.*s@%s", (int)at, address.ptr, host);
	if (len < 0 || (size_t)len >= size)
		out[0] = '\0';
	return rc;
}

static enum err_code
add_email(GENERAL_NAMES *names, struct str address, struct err *err)
{
	char ascii[IDN_BYTES + EMAIL_LOCAL_MAX + 2] = "";
	enum err_code rc = email_to_ascii(address, ascii, sizeof(ascii), err);
	struct str value = str_c(ascii);

	if (rc != ERR_OK)
		return rc;
	if (!is_address(value))
		return err_sayf(err, ERR_INPUT,
		    "\"%.*s\" is no e-mail address. Say for example "
		    "email:jane@example.org.",
		    STR_ARG(address));
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	if (text == NULL ||
	    ASN1_STRING_set(text, value.ptr, (int)value.len) != 1) {
		ASN1_STRING_free(text);
		return key_fail("take a name", err);
	}
	return push(names, GEN_EMAIL, text, err);
}

static enum err_code
add_one(GENERAL_NAMES *names, struct str value, struct err *err)
{
	ASN1_OCTET_STRING *address = NULL;

	if (str_starts_nocase(value, STR("dns:")))
		return add_dns(names, str_slice(value, 4, value.len), err);
	if (str_starts_nocase(value, STR("email:")))
		return add_email(names, str_slice(value, 6, value.len), err);
	if (str_starts_nocase(value, STR("ip:"))) {
		value = str_slice(value, 3, value.len);
		address = address_of(value);
		if (address == NULL)
			return err_sayf(err, ERR_INPUT,
			    "\"%.*s\" is no IP address. Say for example "
			    "ip:192.0.2.1 or ip:2001:db8::1.",
			    STR_ARG(value));
		return push(names, GEN_IPADD, address, err);
	}
	address = address_of(value);
	if (address != NULL)
		return push(names, GEN_IPADD, address, err);
	return add_dns(names, value, err);
}

enum err_code
san_make(const struct options *options, GENERAL_NAMES **out, struct err *err)
{
	*out = GENERAL_NAMES_new();
	if (*out == NULL)
		return key_fail("take a name", err);
	bool is_client = options->purpose != NULL &&
	                 str_eq(str_c(options->purpose), STR("client"));
	enum err_code rc = ERR_OK;
	if (!is_client)
		rc = add_one(*out, options->name, err);
	else if (str_find_byte(options->name, '@', 0) < options->name.len)
		rc = add_email(*out, options->name, err);
	for (size_t i = 0; i < options->san_count && rc == ERR_OK; i++)
		rc = add_one(*out, options->sans[i], err);
	if (rc != ERR_OK)
		san_free(out);
	return rc;
}

/* Certificates come from strangers: nothing in them may steer a terminal. */
static void
add_printable(const ASN1_STRING *string, struct buf *out)
{
	const unsigned char *bytes = ASN1_STRING_get0_data(string);
	int len = ASN1_STRING_length(string);

	for (int i = 0; i < len; i++)
		if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\')
			buf_add_byte(out, (char)bytes[i]);
		else
			buf_addf(out, "\\x%02x", bytes[i]);
}

static void
add_address(const ASN1_STRING *string, struct buf *out)
{
	const unsigned char *bytes = ASN1_STRING_get0_data(string);
	int len = ASN1_STRING_length(string);

	if (len == 4)
		buf_addf(
		    out, "%d.%d.%d.%d", bytes[0], bytes[1], bytes[2], bytes[3]);
	else
		for (int i = 0; i + 1 < len; i += 2)
			buf_addf(out, "%s%x", i == 0 ? "" : ":",
			    (unsigned)bytes[i] << 8 | bytes[i + 1]);
}

void
san_describe(const GENERAL_NAMES *names, struct buf *out)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		buf_add_c(out, i == 0 ? "" : ", ");
		if (name->type == GEN_DNS) {
			buf_add_c(out, "dns:");
			add_printable(name->d.dNSName, out);
		} else if (name->type == GEN_IPADD) {
			buf_add_c(out, "ip:");
			add_address(name->d.iPAddress, out);
		} else if (name->type == GEN_EMAIL) {
			buf_add_c(out, "email:");
			add_printable(name->d.rfc822Name, out);
		} else {
			buf_add_c(out, "another kind of name");
		}
	}
}
