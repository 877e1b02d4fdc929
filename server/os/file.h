#ifndef OS_FILE_H
#define OS_FILE_H
/* Files and folders: bounded reading, safe writing, permissions. */
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/str.h"

void file_close(int *fd); /* for CLEANUP; sets -1 */
int file_take(int *fd);   /* hands the descriptor over; sets -1 */

/*
 * "cannot <verb> <path>: <reason>" from errno. ERR_NOT_FOUND, ERR_FORBIDDEN,
 * ERR_LIMIT (disk full), ERR_NO_MEMORY, ERR_INTERNAL.
 */
enum err_code file_fail(struct err *err, const char *verb, const char *path);

/* Opens for reading, close-on-exec. ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_CONFIG.
 */
enum err_code file_open(
    const char *path, int *out_fd, struct err *err) WARN_UNUSED;
/*
 * The same for a regular file that is no symbolic link itself; others are
 * ERR_NOT_FOUND.
 */
enum err_code file_open_plain(
    const char *path, int *out_fd, struct err *err) WARN_UNUSED;
/* Reads all of an open file from its start; ERR_LIMIT past max_bytes. */
enum err_code file_read_fd(int fd, size_t max_bytes, struct arena *arena,
    struct str *out, struct err *err) WARN_UNUSED;
enum err_code file_read(const char *path, size_t max_bytes, struct arena *arena,
    struct str *out, struct err *err) WARN_UNUSED;
/* The same for keys and passwords: never in an arena. */
enum err_code file_read_secret_fd(
    int fd, size_t max_bytes, struct secret *out, struct err *err) WARN_UNUSED;
/*
 * Writes a new file with `mode` (0600 …) beside it, fsync, then gives it its
 * name: nobody sees a part of it. ERR_INPUT if it exists.
 */
enum err_code file_write_new(
    const char *path, struct str bytes, int mode, struct err *err) WARN_UNUSED;
/* Writes beside it, fsync, renames over it, fsyncs the folder. */
enum err_code file_replace(
    const char *path, struct str bytes, int mode, struct err *err) WARN_UNUSED;
/* Others may read it: mode & 007 is not 0. */
bool file_is_open_to_others(int fd);
/* Makes the folder (and parents) with mode 0700 when it is not there. */
enum err_code file_make_folder(const char *path, struct err *err) WARN_UNUSED;
bool file_exists(const char *path);
enum err_code file_remove(const char *path, struct err *err) WARN_UNUSED;
/* Makes or empties a file, read and write, close-on-exec. */
enum err_code file_create(
    const char *path, int mode, int *out_fd, struct err *err) WARN_UNUSED;
/* A file that is only in memory and holds `bytes`. */
enum err_code file_open_memory(
    struct str bytes, int *out_fd, struct err *err) WARN_UNUSED;
/*
 * Makes a file, writes our process id into it, and holds it locked until the
 * descriptor is closed, at the latest when this process ends. ERR_BUSY:
 * another process (0: it did not say which) has it.
 */
enum err_code file_lock(const char *path, int *out_fd, uint64_t *out_holder_pid,
    struct err *err) WARN_UNUSED;
bool file_is_folder(const char *path);
/*
 * Something that is another number when the file, or a file of the folder, at
 * `path` is another one or has changed (by name, identity, size and times);
 * links are followed. `before` is mixed in, so that calls can be chained.
 */
uint64_t file_mark(const char *path, uint64_t before);
/* An unlinked temporary file in `folder`, read and write. */
enum err_code file_open_spool(
    const char *folder, int *out_fd, struct err *err) WARN_UNUSED;
/* All of the bytes, or ERR_INTERNAL / ERR_LIMIT (disk full). */
enum err_code file_write_all(
    int fd, struct str bytes, struct err *err) WARN_UNUSED;
/* Up to `len` bytes at `offset`; 0 at the end, -1 on error. */
int64_t file_read_at(int fd, void *buf, size_t len, uint64_t offset);
enum err_code file_sync(int fd, struct err *err) WARN_UNUSED;
/* When it was written last, as Unix seconds; 0: it cannot be told. */
int64_t file_written_s(const char *path);
/*
 * Lets the disk begin with `len` bytes from `offset` on, so that a file_sync
 * that comes later has less to wait for. Promises nothing.
 */
void file_sync_begin(int fd, uint64_t offset, uint64_t len);
/* Makes a new name, or a rename, in the folder of `path` last. */
enum err_code file_sync_folder(const char *path, struct err *err) WARN_UNUSED;
uint64_t file_size(int fd);

/* Names (no path) of regular files in a folder that end in `suffix`, sorted. */
struct file_list {
	struct str *names;
	size_t count;
};
enum err_code file_list(const char *folder, struct str suffix,
    struct arena *arena, struct file_list *out, struct err *err) WARN_UNUSED;

#endif
