/* For a new file: make it under a temporary name, lock it, publish it by a link or rename. For an existing one: lock
 * it and check that it is still the same file. */
#include "store/file/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The least size of a SQLite file, in bytes. */
#define SMALLEST 512
/* SQLite appends "-journal" to the name. */
#define MAX_NAME (NAME_MAX - 8)

void ens_place_clear(ens_place *place) {
  free(place->path);
  free(place->file);
  free(place->folder);
  *place = (ens_place){NULL, NULL, NULL};
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The part of the path before the last slash; "." for a bare name. The caller frees it. NULL: no memory. */
static char *folder_of(const char *path) {
  const char *base = base_of(path);
  if (base == path) return strdup(".");
  return strndup(path, base - path > 1 ? (size_t)(base - path - 1) : 1);
}

static char *join(const char *folder, const char *name, const char *suffix) {
  char *out;
  const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
  return asprintf(&out, "%s%s%s%s", folder, slash, name, suffix) < 0 ? NULL : out;
}

static ens_status check_folder(const char *path, const char *folder, ens_error *error) {
  struct stat st;
  if (stat(folder, &st) != 0) {
    if (errno == ENOENT)
      return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: the directory '%s' does not exist", path, folder);
    if (errno == ENOTDIR)
      return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: a part of '%s' is not a directory", path, folder);
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: '%s': %s", path, folder, strerror(errno));
  }
  if (!S_ISDIR(st.st_mode))
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: '%s' is not a directory", path, folder);
  if (access(folder, W_OK | X_OK) == 0) return ENS_OK;
  if (errno == EROFS)
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: '%s' is on a read-only file system", path, folder);
  return ens_error_set(error, ENS_CONFIG, "'%s' cannot be made: no permission to write in the directory '%s'", path,
                       folder);
}

static ens_status reject_existing(const char *path, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG, "'%s' exists already: resume it, remove it, or give another output", path);
}

static ens_status check_name(const char *path, ens_error *error) {
  const char *base = base_of(path);
  if (!*path) return ens_error_set(error, ENS_CONFIG, "the path of the store is empty");
  if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
    return ens_error_set(error, ENS_CONFIG, "'%s' is a directory, not a file", path);
  if (strlen(base) > MAX_NAME)
    return ens_error_set(error, ENS_CONFIG, "'%s': the file's name is longer than %d bytes", path, (int)MAX_NAME);
  return ENS_OK;
}

/* Fills the place; the folder exists, the file need not. */
static ens_status fill_place(ens_place *place, const char *path, const char *folder, ens_error *error) {
  place->path = strdup(path);
  place->folder = realpath(folder, NULL);
  if (!place->path || (!place->folder && errno == ENOMEM)) return ens_error_memory(error);
  if (!place->folder) return ens_error_set(error, ENS_CONFIG, "'%s': '%s': %s", path, folder, strerror(errno));
  place->file = join(place->folder, base_of(path), "");
  return place->file ? ENS_OK : ens_error_memory(error);
}

ens_status ens_place_find_new(const char *path, ens_place *place, ens_error *error) {
  struct stat st;
  *place = (ens_place){NULL, NULL, NULL};
  ens_status status = check_name(path, error);
  if (status) return status;
  if (lstat(path, &st) == 0) {
    if (S_ISDIR(st.st_mode)) return ens_error_set(error, ENS_CONFIG, "'%s' is a directory, not a file", path);
    return reject_existing(path, error);
  }
  char *folder = folder_of(path);
  if (!folder) return ens_error_memory(error);
  status = check_folder(path, folder, error);
  if (!status) status = fill_place(place, path, folder, error);
  free(folder);
  if (status) ens_place_clear(place);
  return status;
}

/* SQLite would treat a file that is too short as a new one. */
static ens_status reject_other(const char *path, ens_error *error) {
  return ens_error_set(error, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is not a SQLite file", path);
}

static ens_status check_old(const char *path, ens_error *error) {
  struct stat st;
  if (!*path) return ens_error_set(error, ENS_CONFIG, "the path of the store is empty");
  if (stat(path, &st) != 0) {
    if (errno == ENOENT) return ens_error_set(error, ENS_CONFIG, "'%s' does not exist", path);
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be opened: %s", path, strerror(errno));
  }
  if (S_ISDIR(st.st_mode)) return ens_error_set(error, ENS_CONFIG, "'%s' is a directory, not a store", path);
  if (!S_ISREG(st.st_mode)) return ens_error_set(error, ENS_CONFIG, "'%s' is not a regular file", path);
  if (!st.st_size)
    return ens_error_set(error, ENS_CONFIG, "'%s' is not a store of ensemble-lua: it is an empty file", path);
  if (st.st_size < SMALLEST) return reject_other(path, error);
  if (access(path, R_OK) != 0)
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be read: %s", path, strerror(errno));
  return ENS_OK;
}

ens_status ens_place_find_old(const char *path, ens_place *place, ens_error *error) {
  *place = (ens_place){NULL, NULL, NULL};
  ens_status status = check_old(path, error);
  if (status) return status;
  place->path = strdup(path);
  place->file = realpath(path, NULL);
  place->folder = place->file ? folder_of(place->file) : NULL;
  if (place->path && place->file && place->folder) return ENS_OK;
  status = errno == ENOMEM ? ens_error_memory(error)
                           : ens_error_set(error, ENS_CONFIG, "'%s' cannot be opened: %s", path, strerror(errno));
  ens_place_clear(place);
  return status;
}

/* The user needs another output, not another try. In /proc the error is ENOENT. */
static bool is_no_place(int number) {
  static const int numbers[] = {EACCES, EPERM, EROFS, ENOENT, ENOTDIR, ENOTSUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (number == numbers[i]) return true;
  return false;
}

ens_status ens_place_make_beside(const ens_place *place, char **beside, int *fd, ens_error *error) {
  *beside = NULL;
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    char name[64];
    snprintf(name, sizeof name, ".ensemble-%ld-%u.new", (long)getpid(), attempt);
    char *made = join(place->folder, name, "");
    if (!made) return ens_error_memory(error);
    *fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*fd >= 0) {
      *beside = made;
      return ENS_OK;
    }
    free(made);
    if (errno != EEXIST) break;
  }
  return ens_error_set(error, is_no_place(errno) ? ENS_CONFIG : ENS_IO, "'%s' cannot be made: '%s': %s", place->path,
                       place->folder, strerror(errno));
}

ens_status ens_place_try(const ens_place *place, ens_error *error) {
  char *beside;
  int fd;
  ens_status status = ens_place_make_beside(place, &beside, &fd, error);
  if (status) return status;
  close(fd);
  unlink(beside);
  free(beside);
  return ENS_OK;
}

static void sync_folder(const char *folder) {
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd); /* a file system that cannot do this does not need it */
  close(fd);
}

/* Renames without replacing a file. If the file system cannot do that, an empty file reserves the name first. */
static int rename_new(const char *from, const char *to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return -1;
  close(fd);
  if (rename(from, to) == 0) return 0;
  int number = errno;
  unlink(to);
  errno = number;
  return -1;
}

/* Renames "run.db-wal" to "run.db-wal.left-over-1", or -2, ... NULL: it cannot be renamed. */
static char *move_aside(const char *name) {
  for (unsigned i = 1; i < 1000; i++) {
    char ending[32];
    snprintf(ending, sizeof ending, ".left-over-%u", i);
    char *aside = malloc(strlen(name) + strlen(ending) + 1);
    if (!aside) return NULL;
    sprintf(aside, "%s%s", name, ending);
    if (rename_new(name, aside) == 0) return aside;
    free(aside);
    if (errno != EEXIST) return NULL;
  }
  return NULL;
}

ens_status ens_place_clear_journals(const ens_place *place, char **moved, ens_error *error) {
  static const char *const journals[] = {"-wal", "-journal"};
  *moved = NULL;
  ens_status status = ENS_OK;
  for (size_t i = 0; !status && i < 2; i++) {
    char *name = join(place->folder, base_of(place->file), journals[i]);
    if (!name) return ens_error_memory(error);
    char *aside = access(name, F_OK) == 0 ? move_aside(name) : NULL;
    if (!aside && access(name, F_OK) == 0)
      status = ens_error_set(error, ENS_CONFIG,
                             "'%s%s' is left over from another store of this name and cannot be moved aside: move it "
                             "to where that store is, or remove it",
                             place->path, journals[i]);
    free(name);
    if (aside) free(*moved), *moved = aside;
  }
  char *index =
      join(place->folder, base_of(place->file), "-shm"); /* the index of the -wal file, which SQLite makes again */
  if (index) unlink(index);
  free(index);
  return status;
}

ens_status ens_place_publish(const ens_place *place, const char *beside, ens_error *error) {
  if (link(beside, place->file) == 0) {
    unlink(beside);
  } else if (errno == EEXIST) {
    return reject_existing(place->path, error);
  } else if (rename_new(beside, place->file) != 0) {
    if (errno == EEXIST) return reject_existing(place->path, error);
    return ens_error_set(error, ENS_IO, "'%s' cannot be made: %s", place->path, strerror(errno));
  }
  sync_folder(place->folder);
  return ENS_OK;
}

void ens_place_discard(const char *file) {
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  char name[PATH_MAX + 16];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    snprintf(name, sizeof name, "%s%s", file, endings[i]);
    unlink(name);
  }
}

ens_status ens_place_open(const ens_place *place, int *fd, ens_error *error) {
  if (!ens_place_is_writable_folder(place))
    return ens_error_set(error, ENS_CONFIG, "'%s' cannot be opened for writing: no permission to write in '%s'",
                         place->path, place->folder);
  *fd = open(place->file, O_RDWR | O_CLOEXEC);
  if (*fd >= 0) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "'%s' cannot be opened for writing: %s", place->path, strerror(errno));
}

/* On a network file system, the server would lock the whole file, and shut SQLite out. */
bool ens_place_lock(int fd) {
  if (!ens_place_is_local(fd)) return true;
  return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

/* Locks a byte far from those that SQLite locks, and frees it at once. */
bool ens_place_has_locks(int fd) {
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0x30000000, .l_len = 1};
  if (fcntl(fd, F_SETLK, &lock) != 0) return errno == EACCES || errno == EAGAIN;
  lock.l_type = F_UNLCK;
  fcntl(fd, F_SETLK, &lock);
  return true;
}

bool ens_place_holds(const ens_place *place, int fd) {
  struct stat there, here;
  if (stat(place->file, &there) != 0) return errno != ENOENT && errno != ENOTDIR;
  return fstat(fd, &here) != 0 || (there.st_dev == here.st_dev && there.st_ino == here.st_ino);
}

static bool is_file(int folder, const char *name, const struct stat *wanted) {
  struct stat st;
  return fstatat(folder, name, &st, 0) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino;
}

bool ens_place_is_open_here(const ens_place *place) {
  struct stat wanted;
  if (stat(place->file, &wanted) != 0) return false;
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return false;
  bool found = false;
  for (struct dirent *entry; !found && (entry = readdir(folder));)
    found = entry->d_name[0] != '.' && is_file(dirfd(folder), entry->d_name, &wanted);
  closedir(folder);
  return found;
}

static const struct {
  uint32_t type;
  const char *name;
  bool local;
} systems[] = {{0xEF53, "ext4", true},        {0x58465342, "XFS", true},      {0x9123683E, "Btrfs", true},
               {0x01021994, "tmpfs", true},   {0x2FC12FC1, "ZFS", true},      {0x794C7630, "overlayfs", true},
               {0xF2F52010, "F2FS", true},    {0xCA451A4E, "bcachefs", true}, {0x6969, "NFS", false},
               {0x0BD00BD0, "Lustre", false}, {0x47504653, "GPFS", false},    {0x19830326, "BeeGFS", false},
               {0x00C36400, "Ceph", false},   {0x517B, "SMB", false},         {0xFF534D42, "CIFS", false},
               {0xFE534D42, "SMB", false},    {0x65735546, "FUSE", false},    {0x01021997, "9P", false},
               {0x5346414F, "AFS", false},    {0x20030528, "OrangeFS", false}};
enum { NSYSTEMS = sizeof systems / sizeof *systems };

/* The index of the file system in the table; NSYSTEMS: it is not there. */
static size_t find_system(int fd, uint32_t *type) {
  struct statfs fs;
  *type = fstatfs(fd, &fs) == 0 ? (uint32_t)fs.f_type : 0;
  size_t i = 0;
  while (i < NSYSTEMS && systems[i].type != *type) i++;
  return i;
}

bool ens_place_is_local(int fd) {
  uint32_t type;
  size_t i = find_system(fd, &type);
  return i < NSYSTEMS && systems[i].local;
}

void ens_place_name_system(int fd, char out[48]) {
  uint32_t type;
  size_t i = find_system(fd, &type);
  if (i < NSYSTEMS)
    snprintf(out, 48, "%s", systems[i].name);
  else
    snprintf(out, 48, "of a type not known (0x%x)", (unsigned)type);
}

bool ens_place_has(const ens_place *place, const char *suffix) {
  struct stat st;
  char *name = join(place->folder, base_of(place->file), suffix);
  bool found = name && stat(name, &st) == 0 && st.st_size > 0;
  free(name);
  return found;
}

bool ens_place_is_writable_folder(const ens_place *place) {
  return access(place->folder, W_OK | X_OK) == 0;
}
