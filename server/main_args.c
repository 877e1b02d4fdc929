#include "main_args.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "iwebmsgd " IWEBMSG_VERSION ", a webmail server\n"
    "\n"
    "usage: iwebmsgd [--config FILE] [--daemon | --check | "
    "--print-sample]\n"
    "\n"
    "  --config FILE  read this ini file, not /etc/iwebmsg/iwebmsg.ini\n"
    "  --daemon       go to the background once the server answers\n"
    "  --check        try ini file, certificate, database and mail servers,\n"
    "                 say what is wrong and how to mend it, and end\n"
    "  --print-sample print an ini file with every setting, its meaning\n"
    "                 and its default, to begin with\n"
    "  --version      print the version\n"
    "  --help         print this\n"
    "\n"
    "Signals: SIGTERM ends it, SIGHUP reloads everything, SIGUSR1 reopens "
    "the log\n"
    "file. See iwebmsgd(8) and iwebmsg.ini(5).\n";

static const struct {
	const char *word;
	enum main_action action;
} actions[] = {
    {"--check", MAIN_CHECK},
    {"--version", MAIN_VERSION},
    {"-V", MAIN_VERSION},
    {"--help", MAIN_HELP},
    {"-h", MAIN_HELP},
    {"--print-sample", MAIN_SAMPLE},
    {"--print-manual", MAIN_MANUAL},
};

static bool
set_action(const char *word, struct main_args *args)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].word, word) == 0) {
			args->action = actions[i].action;
			return true;
		}
	}
	return false;
}

static bool
complain(const char *what, const char *word)
{
	(void)fprintf(stderr,
	    "iwebmsgd: %s%s; iwebmsgd --help lists the options\n", what, word);
	return false;
}

/* "--config FILE" or "--config=FILE"; moves *at past what it took. */
static bool
take_config(int argc, char **argv, int *at, struct main_args *args)
{
	static const char word[] = "--config";
	const char *equals = argv[*at] + sizeof(word) - 1;

	if (*equals == '=')
		args->ini = equals + 1;
	else if (*at + 1 < argc)
		args->ini = argv[++*at];
	if (args->ini == NULL || *args->ini == '\0')
		return complain("--config needs a file", "");
	return true;
}

bool
main_args_parse(int argc, char **argv, struct main_args *out)
{
	*out = (struct main_args){.action = MAIN_SERVE};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--config") == 0 ||
		    strncmp(argv[i], "--config=", 9) == 0) {
			if (!take_config(argc, argv, &i, out))
				return false;
		} else if (strcmp(argv[i], "--daemon") == 0) {
			out->is_daemon = true;
		} else if (!set_action(argv[i], out)) {
			return complain("unknown option ", argv[i]);
		}
	}
	if (out->is_daemon && out->action == MAIN_CHECK)
		return complain("--daemon and --check cannot be together", "");
	return true;
}

void
main_args_help(void)
{
	(void)fputs(help, stdout);
}
