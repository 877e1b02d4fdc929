#include "options.h"

#include "base/num.h"

#define DAYS_DEFAULT 365
#define DAYS_MAX     3650

static enum err_code
path_set(char *out, const char *folder, const char *name, struct err *err)
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

static bool
is_certificate_command(const struct options *out)
{
	return out->command == OPTIONS_SELFSIGNED ||
	       out->command == OPTIONS_CSR;
}

/* An option with its value; both commands that make something know most. */
static enum err_code
take_option(
    struct options *out, struct str option, const char *value, struct err *err)
{
	bool is_csr = out->command == OPTIONS_CSR;

	if (str_eq(option, STR("--name")))
		out->name = str_c(value);
	else if (str_eq(option, STR("--san")))
		return add_san(out, str_c(value), err);
	else if (str_eq(option, STR("--org")))
		out->organization = str_c(value);
	else if (str_eq(option, STR("--key")))
		out->key_kind = str_c(value);
	else if (str_eq(option, STR("--out-dir")))
		out->out_dir = value;
	else if (str_eq(option, STR("--key-file")))
		return path_set(out->key_path, NULL, value, err);
	else if (str_eq(option, is_csr ? STR("--csr") : STR("--cert")))
		return path_set(out->out_path, NULL, value, err);
	else if (!is_csr && str_eq(option, STR("--days")))
		return num_u32(str_c(value), 1, DAYS_MAX, &out->days, err) ==
		               ERR_OK
		           ? ERR_OK
		           : err_sayf(err, ERR_INPUT,
		                 "--days takes a number from 1 to %d, not "
		                 "\"%s\".",
		                 DAYS_MAX, value);
	else
		return err_sayf(err, ERR_INPUT,
		    "%.*s is no option of this command. iwebmsg-ssl --help "
		    "lists them.",
		    STR_ARG(option));
	return ERR_OK;
}

/* "--days=30" and "--days 30". */
static enum err_code
take_argument(
    struct options *out, int argc, char **argv, int *at, struct err *err)
{
	struct str argument = str_c(argv[*at]);
	size_t equals = str_find_byte(argument, '=', 0);

	if (equals < argument.len)
		return take_option(out, str_slice(argument, 0, equals),
		    argv[*at] + equals + 1, err);
	if (*at + 1 >= argc)
		return err_sayf(err, ERR_INPUT,
		    "%s needs a value, or is no option: iwebmsg-ssl --help "
		    "lists them.",
		    argv[*at]);
	*at += 1;
	return take_option(out, argument, argv[*at], err);
}

/* What was not said. */
static enum err_code
fill_make(struct options *out, struct err *err)
{
	bool is_csr = out->command == OPTIONS_CSR;
	enum err_code rc = ERR_OK;

	if (out->name.len == 0)
		return err_sayf(err, ERR_INPUT,
		    "Say for which name: --name mail.example.org");
	if (out->key_path[0] == '\0')
		rc = path_set(out->key_path, out->out_dir, "server.key", err);
	if (rc == ERR_OK && out->out_path[0] == '\0')
		rc = path_set(out->out_path, out->out_dir,
		    is_csr ? "server.csr" : "server.pem", err);
	if (rc == ERR_OK && str_eq(str_c(out->key_path), str_c(out->out_path)))
		rc = err_sayf(err, ERR_INPUT,
		    "Key and %s need two files; both are %s.",
		    is_csr ? "request" : "certificate", out->key_path);
	return rc;
}

static enum err_code
parse_make(int argc, char **argv, struct options *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int i = 2; i < argc && rc == ERR_OK; i++) {
		if (!str_starts(str_c(argv[i]), STR("--")))
			return err_sayf(err, ERR_INPUT,
			    "\"%s\" stands alone. Say for example: "
			    "--name mail.example.org",
			    argv[i]);
		rc = take_argument(out, argc, argv, &i, err);
	}
	return rc == ERR_OK ? fill_make(out, err) : rc;
}

static enum err_code
parse_show(int argc, char **argv, struct options *out, struct err *err)
{
	for (int i = 2; i < argc; i++) {
		if (str_starts(str_c(argv[i]), STR("--")))
			return err_sayf(err, ERR_INPUT,
			    "show takes files, not %s. Say for example: "
			    "iwebmsg-ssl show server.pem",
			    argv[i]);
		if (out->file_count == OPTIONS_FILES_MAX)
			return err_sayf(err, ERR_INPUT,
			    "show takes at most %d files.", OPTIONS_FILES_MAX);
		out->files[out->file_count++] = argv[i];
	}
	if (out->file_count == 0)
		return err_sayf(err, ERR_INPUT,
		    "Say which file: iwebmsg-ssl show server.pem");
	return ERR_OK;
}

static bool
wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (str_eq(str_c(argv[i]), STR("--help")) ||
		    str_eq(str_c(argv[i]), STR("-h")))
			return true;
	return false;
}

enum err_code
options_parse(int argc, char **argv, struct options *out, struct err *err)
{
	static const struct {
		const char *word;
		enum options_command command;
	} commands[] = {
	    {"selfsigned", OPTIONS_SELFSIGNED},
	    {"csr", OPTIONS_CSR},
	    {"show", OPTIONS_SHOW},
	    {"help", OPTIONS_HELP},
	    {"--version", OPTIONS_VERSION},
	};

	*out = (struct options){.command = OPTIONS_HELP,
	    .key_kind = STR("ec:p256"),
	    .days = DAYS_DEFAULT,
	    .out_dir = "."};
	if (wants_help(argc, argv))
		return ERR_OK;
	if (argc < 2)
		return err_sayf(err, ERR_INPUT,
		    "Say what to do: selfsigned, csr or show. "
		    "iwebmsg-ssl --help explains them.");
	size_t i = 0;
	size_t count = sizeof(commands) / sizeof(commands[0]);
	while (i < count && !str_eq(str_c(argv[1]), str_c(commands[i].word)))
		i++;
	if (i == count)
		return err_sayf(err, ERR_INPUT,
		    "\"%s\" is no command. Commands are selfsigned, csr and "
		    "show; iwebmsg-ssl --help explains them.",
		    argv[1]);
	out->command = commands[i].command;
	if (is_certificate_command(out))
		return parse_make(argc, argv, out, err);
	if (out->command == OPTIONS_SHOW)
		return parse_show(argc, argv, out, err);
	return ERR_OK;
}
