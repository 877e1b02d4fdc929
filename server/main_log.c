#include "main_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/log.h"
#include "os/clock.h"
#include "os/file.h"

/* The log sink: the one thing that is not passed (style.md, 26). */
static struct main_log {
	int fd;
	bool is_journal;
} sink = {STDERR_FILENO, false};

/* sd-daemon(3): SD_DEBUG, SD_INFO, SD_WARNING, SD_ERR. */
static const char *const journal_marks[] = {"<7>", "<6>", "<4>", "<3>"};

/* writev(2) does not write to what it is given, but its type says so. */
static struct iovec
piece_of(const char *ptr, size_t len)
{
	union {
		const char *in;
		void *out;
	} same = {ptr};

	return (struct iovec){same.out, len};
}

/* One writev: lines of several threads never mix. */
static void
write_line(void *ctx, enum log_level level, struct str line)
{
	const struct main_log *log = ctx;
	char head[64];
	CLEANUP(buf_free) struct buf time;
	struct iovec pieces[3];
	int len = 0;

	buf_init(&time, sizeof(head));
	if (log->is_journal) {
		len = snprintf(head, sizeof(head), "%s", journal_marks[level]);
	} else {
		clock_add_iso(&time, clock_now_s());
		len = snprintf(
		    head, sizeof(head), "time=%.*s ", STR_ARG(buf_str(&time)));
	}
	pieces[0] = piece_of(head, (size_t)len);
	pieces[1] = piece_of(line.ptr, line.len);
	pieces[2] = piece_of("\n", 1);
	/* Nobody is left to tell when this fails. */
	(void)!writev(log->fd, pieces, 3);
}

/* systemd names the journal's socket; stderr may have been redirected. */
static bool
stderr_is_journal(void)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): never set by us. */
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat info;
	char expected[64];

	if (stream == NULL || fstat(STDERR_FILENO, &info) != 0)
		return false;
	(void)snprintf(expected, sizeof(expected), "%ju:%ju",
	    (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
	return strcmp(stream, expected) == 0;
}

void
main_log_level(const struct config *cfg)
{
	static const enum log_level levels[] = {
	    [CONFIG_LOG_DEBUG] = LOG_DEBUG,
	    [CONFIG_LOG_INFO] = LOG_INFO,
	    [CONFIG_LOG_WARN] = LOG_WARN,
	    [CONFIG_LOG_ERROR] = LOG_ERROR,
	};

	log_set_level(levels[cfg->log_level]);
}

bool
main_log_is_file(void)
{
	return sink.fd != STDERR_FILENO;
}

enum err_code
main_log_open(
    const struct main_door *door, const struct config *cfg, struct err *err)
{
	enum err_code rc = ERR_OK;

	/* A child has its parent's still. */
	if (sink.fd != STDERR_FILENO)
		file_close(&sink.fd);
	sink.fd = STDERR_FILENO;
	sink.is_journal =
	    cfg->log_target == CONFIG_LOG_JOURNAL ||
	    (cfg->log_target == CONFIG_LOG_STDERR && stderr_is_journal());
	if (cfg->log_target == CONFIG_LOG_FILE)
		rc = main_door_log(door, cfg->log_file, &sink.fd, err);
	if (rc != ERR_OK)
		sink.fd = STDERR_FILENO;
	log_init(write_line, &sink, LOG_INFO);
	main_log_level(cfg);
	return rc;
}

enum err_code
main_log_reopen(
    const struct main_door *door, const struct config *cfg, struct err *err)
{
	CLEANUP(file_close) int fd = -1;
	enum err_code rc = ERR_OK;

	if (cfg->log_target != CONFIG_LOG_FILE)
		return ERR_OK;
	rc = main_door_log(door, cfg->log_file, &fd, err);
	/* Under the same number, at once: writers need no lock. */
	if (rc == ERR_OK && dup3(fd, sink.fd, O_CLOEXEC) < 0)
		return file_fail(err, "reopen", cfg->log_file.ptr);
	return rc;
}
