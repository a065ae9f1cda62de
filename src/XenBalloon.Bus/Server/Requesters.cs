using System.Globalization;
using System.Text;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Server;

/// <summary>Names those who make changes, for the log: the user and the program.</summary>
internal sealed class Requesters(BusConnection connection)
{
    private const string Users = "/etc/passwd";

    private const int MaxUsersBytes = 1 << 20, MaxProcBytes = 4096;

    /// <summary>/proc/PID/loginuid of a process that no login started.</summary>
    private const uint NoLogin = uint.MaxValue;

    /// <summary>
    /// The user and the program that made a call: <c>root (xenballoon, process 4711)</c>, and the user who logged in,
    /// if that is another one. What is not known is left out; the call does not fail.
    /// </summary>
    internal async Task<string> DescribeAsync(BusCall call)
    {
        uint? process = null;
        try
        {
            process = await connection.GetProcessAsync(call.Caller);
        }
        catch (Exception exception) when (BusConnection.IsFailure(exception))
        {
            // The caller may have left already. What it asked for is carried out all the same.
        }

        return Describe(call.Uid, process);
    }

    internal static string Describe(uint uid, uint? process)
    {
        string user = UserOf(uid);
        if (process is not { } id) return user;
        var text = new StringBuilder(user).Append(" (");
        if (ReadProc(id, "comm") is { Length: > 0 } program) text.Append(program).Append(", ");
        text.Append(CultureInfo.InvariantCulture, $"process {id}");
        bool hasLogin = uint.TryParse(ReadProc(id, "loginuid"), CultureInfo.InvariantCulture, out uint login);
        if (hasLogin && login != NoLogin && login != uid) text.Append($", logged in as {UserOf(login)}");
        return text.Append(')').ToString();
    }

    /// <summary>The name of a user of this machine. No directory service is asked: that could take long.</summary>
    private static string UserOf(uint uid)
    {
        string text = uid.ToString(CultureInfo.InvariantCulture);
        string? line = Read(Users, MaxUsersBytes)?.Split('\n').FirstOrDefault(
            line => line.Split(':') is [_, _, var number, ..] && number == text);
        return line?.Split(':')[0] ?? $"uid {text}";
    }

    /// <summary>The text of a file in /proc. A process chooses its name, so control characters are replaced.</summary>
    private static string? ReadProc(uint process, string name)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{name}");
        return Read(path, MaxProcBytes)?.TrimEnd() is not { } text
            ? null
            : string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));
    }

    private static string? Read(string path, int maxBytes)
    {
        try
        {
            return Encoding.UTF8.GetString(SmallFile.Read(path, maxBytes));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
