#include "check.h"

#include "check_part.h"
#include "ini.h"
#include "own.h"
#include "remote.h"

#define ARENA_BYTES ((size_t)64 << 20)

static const char *
given(const char *path)
{
	return path[0] != '\0' ? path : NULL;
}

/* What was given by hand, beside what the server uses. */
static void
compare(struct check *check, const char *key_name, const char *by_hand,
    struct str in_ini, const struct config *cfg)
{
	if (by_hand == NULL ||
	    (in_ini.len > 0 && ini_is_same_file(by_hand, in_ini.ptr)))
		return;
	report_bad(&check->report, "ini", "%s does not point at %s but at %s",
	    cfg->path.ptr, by_hand, in_ini.len > 0 ? in_ini.ptr : "nothing");
	report_mend(&check->report, "in %s, section [SSL]: %s=%s",
	    cfg->path.ptr, key_name, by_hand);
}

static enum err_code
check_config(struct check *check, const struct config *cfg,
    const struct check_pair *by_hand, struct err *err)
{
	if (cfg->enable_ssl) {
		report_ok(&check->report, "ini", "%s opens the secure port",
		    cfg->path.ptr);
	} else {
		report_bad(&check->report, "ini",
		    "EnableSSL is not 1 in %s: the secure port stays closed",
		    cfg->path.ptr);
		report_mend(&check->report,
		    "in %s, section [SSL]: EnableSSL=1, then systemctl "
		    "restart iwebmsg",
		    cfg->path.ptr);
	}
	compare(
	    check, "Certificate", by_hand->cert, cfg->site.certificate, cfg);
	compare(check, "PrivateKey", by_hand->key, cfg->site.private_key, cfg);
	return check_sites(check, cfg, by_hand, err);
}

static enum err_code
check_ini(struct check *check, const struct options *options,
    const struct check_pair *by_hand, struct err *err)
{
	const char *path = options->config != NULL ? options->config : INI_PATH;
	const struct config *cfg = NULL;
	struct config_notes notes;
	struct err why = ERR_NONE;
	enum err_code rc = ini_read(path, check->arena, &notes, &cfg, &why);

	for (size_t i = 0; i < notes.count; i++)
		if (notes.notes[i].is_error)
			report_bad(&check->report, "ini", "%.*s",
			    STR_ARG(notes.notes[i].text));
		else
			report_note(&check->report, "ini", "%.*s",
			    STR_ARG(notes.notes[i].text));
	if (rc != ERR_OK && check->report.problem_count == 0)
		report_bad(&check->report, "ini", "%s", why.message);
	if (rc != ERR_OK && notes.count > 0)
		report_mend(&check->report,
		    "change that in %s; iwebmsgd --check --config %s says more",
		    path, path);
	else if (rc != ERR_OK)
		report_mend(&check->report,
		    "name the file the server uses with --config FILE");
	if (rc == ERR_OK)
		rc = check_config(check, cfg, by_hand, err);
	else
		rc = ERR_OK; /* said */
	config_unref(cfg);
	return rc;
}

static enum err_code
check_by_hand(struct check *check, struct check_pair *pair, struct err *err)
{
	CLEANUP(own_certs_free) STACK_OF(X509) *chain = NULL;

	return check_pair(check, pair, &chain, err);
}

static enum err_code
check_all(struct check *check, const struct options *options, struct err *err)
{
	struct check_pair pair = {.cert_word = "Certificate",
	    .key_word = "PrivateKey",
	    .password_word = "KeyPasswordFile",
	    .ocsp_word = "OcspResponse",
	    .cert = given(options->out_path),
	    .key = given(options->key_path),
	    .password_file = options->password_file};

	if (options->name.len > 0) {
		pair.names[0] = str_dup_c(check->arena, options->name);
		pair.name_count = pair.names[0] != NULL ? 1 : 0;
	}
	return options->config != NULL || pair.cert == NULL
	           ? check_ini(check, options, &pair, err)
	           : check_by_hand(check, &pair, err);
}

enum err_code
check_run(const struct options *options, struct buf *out, struct err *err)
{
	CLEANUP(arena_free_at) struct arena *arena = NULL;

	if (options->file_count > 0)
		return remote_run(options, out, err);
	arena = arena_new(ARENA_BYTES);
	if (arena == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	struct check *check = ARENA_NEW(arena, struct check);
	if (check == NULL)
		return err_set(err, ERR_NO_MEMORY, "Out of memory.", NULL);
	*check =
	    (struct check){.report = {.out = out, .is_json = options->json},
	        .arena = arena,
	        .root = options->root};
	if (options->json)
		buf_add_c(out, "{\"findings\":[");
	enum err_code rc = check_all(check, options, err);
	report_end(&check->report);
	if (options->json)
		buf_addf(
		    out, "],\"problems\":%zu}\n", check->report.problem_count);
	if (rc != ERR_OK || check->report.problem_count == 0)
		return rc;
	return err_sayf(err, ERR_CONFIG,
	    "%zu finding(s) above marked BAD want mending.",
	    check->report.problem_count);
}
