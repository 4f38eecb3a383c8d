// Reads and writes whole files so that neither a kill, a power cut nor a full disk leaves half of one. POSIX.
#include "native/io/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>

namespace lc::io {
namespace {

constexpr std::size_t kReadStepBytes = 1u << 20;              // of a pipe, whose length is unknown
constexpr std::size_t kWriteStepBytes = 1u << 26;             // a system call takes less than 2 GiB
constexpr mode_t kNewFileMode = 0666, kNewFolderMode = 0777;  // less the umask

// Closes on every way out.
class Handle {
 public:
  explicit Handle(int fd) : fd_(fd) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }
  int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ > STDERR_FILENO) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

template <class Call>
auto retry_interrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

Status failure(Code code, const std::string& path, const char* what, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return fail(Code::io_disk_full, path + ": " + what + ": " + std::strerror(error) +
                                        ". Nothing was replaced. Free some room or choose another place.");
  }
  return fail(code, path + ": " + what + ": " + std::strerror(error) + ".");
}

Status write_all(int fd, const std::string& path, Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t step = std::min(bytes.size, kWriteStepBytes);
    const ssize_t written = retry_interrupted([&] { return ::write(fd, bytes.data, step); });
    if (written < 0) return failure(Code::io_write, path, "cannot be written", errno);
    bytes = bytes.sub(static_cast<std::size_t>(written), bytes.size - static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_folder(const std::string& folder) {
  Handle handle(
      retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (handle.get() < 0) return failure(Code::io_open, folder, "the folder cannot be opened", errno);
  // Some file systems have no fsync of a folder and say EINVAL: then rename is as durable as it gets.
  if (::fsync(handle.get()) != 0 && errno != EINVAL) {
    return failure(Code::io_write, folder, "the folder cannot be synchronised", errno);
  }
  return {};
}

// Opens the temporary file alone: another program that saves to the same path is waited for. What a killed
// program left behind is taken over.
Status open_alone(const std::string& temporary, Handle& handle) {
  for (;;) {
    handle.reset(retry_interrupted([&] {
      return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kNewFileMode);
    }));
    if (handle.get() < 0) return failure(Code::io_open, temporary, "cannot be made", errno);
    // A file system without locks is used without them.
    const int locked = retry_interrupted([&] { return ::flock(handle.get(), LOCK_EX); });
    struct stat mine = {}, there = {};
    if (::fstat(handle.get(), &mine) != 0)
      return failure(Code::io_open, temporary, "cannot be examined", errno);
    // Meanwhile the other one may have renamed the file that we hold: then it is no longer the temporary one.
    const bool same =
        ::stat(temporary.c_str(), &there) == 0 && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev;
    if (locked != 0 || same) break;
  }
  return {};
}

std::string followed(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> target(::realpath(path.c_str(), nullptr), &std::free);
  return target ? std::string(target.get()) : path;
}

Status save_replacing(const std::string& path, Bytes bytes, const struct stat* old) {
  const std::string temporary = path + ".tmp";
  Handle handle(-1);
  LC_TRY(open_alone(temporary, handle));
  Status status;
  if (::ftruncate(handle.get(), 0) != 0) status = failure(Code::io_write, path, "cannot be begun", errno);
  if (status.ok()) status = write_all(handle.get(), path, bytes);
  if (status.ok() && old != nullptr && ::fchmod(handle.get(), old->st_mode & 07777) != 0) {
    status = failure(Code::io_write, path, "cannot keep the permissions", errno);
  }
  if (status.ok() && retry_interrupted([&] { return ::fsync(handle.get()); }) != 0) {
    status = failure(Code::io_write, path, "cannot be synchronised", errno);
  }
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = failure(Code::io_write, path, "cannot be replaced", errno);
  }
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  return sync_folder(folder_of(path));
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(const std::string& path, std::uint64_t max_bytes) {
  const bool standard = path == "-";
  Handle handle(standard ? STDIN_FILENO
                         : retry_interrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); }));
  if (handle.get() < 0) return failure(Code::io_open, path, "cannot be opened", errno);
  struct stat info = {};
  if (::fstat(handle.get(), &info) != 0) return failure(Code::io_open, path, "cannot be examined", errno);
  if (S_ISDIR(info.st_mode)) return fail(Code::io_open, path + ": is a folder, expected a file.");
  const auto too_long = [&] {
    return fail(Code::too_much_asked,
                path + ": longer than the " + std::to_string(max_bytes) + " bytes that are read at most.");
  };
  const std::uint64_t told = S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : 0;
  if (told > max_bytes) return too_long();
  std::vector<std::uint8_t> bytes;
  try {
    std::size_t used = 0;
    // One byte over, so that the end of a file of the told length is seen without growing.
    bytes.resize(static_cast<std::size_t>(told) + 1);
    for (;;) {
      if (used == bytes.size()) bytes.resize(used + std::max(kReadStepBytes, used / 2));
      const std::size_t step = std::min(bytes.size() - used, kWriteStepBytes);
      const ssize_t got = retry_interrupted([&] { return ::read(handle.get(), bytes.data() + used, step); });
      if (got < 0) return failure(Code::io_read, path, "cannot be read", errno);
      if (got == 0) break;
      used += static_cast<std::size_t>(got);
      if (used > max_bytes) return too_long();
    }
    bytes.resize(used);
  } catch (const std::bad_alloc&) {
    return fail(Code::out_of_memory, path + ": not enough memory to read it.");
  }
  return bytes;
}

Status save_file(const std::string& path, Bytes bytes) {
  if (path == "-") return write_all(STDOUT_FILENO, "standard output", bytes);
  struct stat old = {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode))
    return fail(Code::io_open, path + ": is a folder, expected a file to write.");
  if (exists && !S_ISREG(old.st_mode)) {
    Handle handle(retry_interrupted([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC); }));
    if (handle.get() < 0) return failure(Code::io_open, path, "cannot be opened", errno);
    return write_all(handle.get(), path, bytes);
  }
  return save_replacing(exists ? followed(path) : path, bytes, exists ? &old : nullptr);
}

Status save_file(const std::string& path, const std::string& text) {
  return save_file(path, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Status make_folders(const std::string& path) {
  for (std::size_t end = 1; end <= path.size(); ++end) {
    if (end != path.size() && path[end] != '/') continue;
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), kNewFolderMode) == 0 || folder_exists(part)) continue;
    const int error = errno;
    if (error == EEXIST) return fail(Code::io_open, part + ": exists and is not a folder.");
    return failure(Code::io_open, part, "the folder cannot be made", error);
  }
  return {};
}

bool file_exists(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

bool folder_exists(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of_weights(const std::string& path) {
  const std::filesystem::path file(path);
  const bool of_a_run = file.filename() == kRunWeights && file.has_parent_path();
  return of_a_run ? file.parent_path().filename().string() : file.stem().string();
}

std::string join(const std::string& folder, const std::string& name) {
  if (folder.empty() || (!name.empty() && name[0] == '/')) return name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

}  // namespace lc::io
