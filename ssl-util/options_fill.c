#include "options.h"

#include "idn.h"

static enum err_code
say(struct err *err, const char *what)
{
	return err_set(err, ERR_INPUT, what, NULL);
}

static bool
is_one_of(const char *value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_c(value), str_c(words[i])))
			return true;
	return false;
}

static enum err_code
fill_store(struct options *out, struct err *err)
{
	static const char *const stores[] = {"clients", "mail"};

	if (out->store != NULL && !is_one_of(out->store, stores, 2))
		return say(err, "--for takes clients or mail.");
	if (out->store == NULL)
		return say(err, "Say whose: --for clients (TrustStore) or "
		                "--for mail (MailTrustStore).");
	if (out->file != NULL && (out->config != NULL || out->host != NULL))
		return say(err, "--file is for a store that no ini file "
		                "names: leave --config and --host out.");
	return ERR_OK;
}

/* Which file, certificate or server. */
static enum err_code
fill_words(const struct options *out, struct err *err)
{
	switch ((int)out->command) {
	case OPTIONS_TRUST_LIST:
		return ERR_OK;
	case OPTIONS_TRUST_FETCH:
		if (out->file_count == 0)
			return say(err, "Say from where: imap.example.org:993");
		break;
	case OPTIONS_TRUST_REMOVE:
		if (out->file_count == 0)
			return say(err, "Say which: its number, fingerprint "
			                "or subject, as list shows it.");
		return ERR_OK;
	default:
		if (out->file_count == 0)
			return say(err, "Say which file: iwebmsg-ssl trust "
			                "add ca.pem --for mail");
		break;
	}
	return out->file_count > 1 && out->command != OPTIONS_TRUST_ADD
	           ? say(err, "One at a time, please.")
	           : ERR_OK;
}

static enum err_code
fill_fetch(const struct options *out, struct err *err)
{
	static const char *const ways[] = {"imap", "smtp"};

	if (out->starttls != NULL && !is_one_of(out->starttls, ways, 2))
		return say(err, "--starttls takes imap or smtp.");
	if (out->yes && out->fingerprint == NULL)
		return say(err,
		    "--yes needs --fingerprint AA:BB:...: what comes over the "
		    "wire is stored only when it is what you know it to be.");
	return ERR_OK;
}

enum err_code
options_fill_trust(struct options *out, struct err *err)
{
	bool is_fetch = out->command == OPTIONS_TRUST_FETCH;
	enum err_code rc = ERR_OK;

	/* Who only looks at a server needs no store. */
	if (!is_fetch || out->store != NULL || out->yes)
		rc = fill_store(out, err);
	if (rc == ERR_OK)
		rc = fill_words(out, err);
	return rc == ERR_OK && is_fetch ? fill_fetch(out, err) : rc;
}

enum err_code
options_fill_configure(struct options *out, struct err *err)
{
	bool is_custom = out->strength != NULL &&
	                 str_eq_nocase(str_c(out->strength), STR("custom"));
	bool has_list = out->ciphers != NULL || out->suites != NULL;

	if (out->protocol == NULL && out->strength == NULL && !has_list &&
	    out->verify_client == NULL && out->trust_store == NULL &&
	    out->mail_trust_store == NULL && out->acme_webroot == NULL &&
	    out->enable_ssl == NULL && out->force_ssl == NULL &&
	    out->password_file == NULL && out->key_path[0] == '\0' &&
	    out->out_path[0] == '\0')
		return say(err, "Say what to set, for example: --strength "
		                "modern. iwebmsg-ssl configure --help lists "
		                "it all.");
	if (is_custom && !has_list)
		return say(err, "--strength custom needs --ciphers LIST, "
		                "--suites LIST, or both.");
	if (has_list && out->strength != NULL && !is_custom)
		return say(err, "--ciphers and --suites count with --strength "
		                "custom only.");
	return ERR_OK;
}

enum err_code
options_name_to_ascii(struct options *out, struct err *err)
{
	struct str name = out->name;
	struct str kind = (struct str){0};
	char ascii[IDN_BYTES];

	if (str_starts_nocase(name, STR("dns:"))) {
		kind = str_slice(name, 0, 4);
		name = str_slice(name, 4, name.len);
	}
	enum err_code rc = idn_to_ascii(name, ascii, err);
	if (rc != ERR_OK || str_eq(name, str_c(ascii)))
		return rc;
	int len = snprintf(out->name_ascii, sizeof(out->name_ascii), "%.*s%s",
	    STR_ARG(kind), ascii);
	if (len < 0 || (size_t)len >= sizeof(out->name_ascii))
		return say(err, "The name is too long.");
	out->name = str_c(out->name_ascii);
	return ERR_OK;
}

enum err_code
options_fill_setup(struct options *out, struct err *err)
{
	return out->name.len > 0
	           ? ERR_OK
	           : say(err, "Say for which name: --name mail.example.org");
}
