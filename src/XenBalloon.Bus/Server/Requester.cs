using System.Globalization;
using System.Text;
using XenBalloon.Posix;

namespace XenBalloon.Bus.Server;

/// <summary>Names a client that makes a change, for the log.</summary>
internal static class Requester
{
    private const string Users = "/etc/passwd";

    /// <summary>/proc/PID/loginuid of a process that no login started.</summary>
    private const uint NoLogin = uint.MaxValue;

    /// <summary>
    /// The user and the program: <c>root (xenballoon, process 4711)</c>, and the user who logged in, if that is another
    /// one. What is not known is left out.
    /// </summary>
    /// <param name="uid">The user that the client connected as.</param>
    /// <param name="process">The process that connected; null if the bus does not know it.</param>
    internal static string Describe(uint uid, uint? process)
    {
        if (process is not { } id) return UserOf(uid);
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}");
        string? status = Read($"{directory}/status"), program = null, login = null;

        // Another process may have the number by now: then it is probably another user's.
        if (FieldOf(status, "Uid") is { } uids && uids.Split('\t').Contains(Text(uid)))
        {
            (program, login) = (FieldOf(status, "Name"), Read($"{directory}/loginuid")?.Trim());
        }

        return Describe(uid, id, program, login);
    }

    /// <summary>The same, of what /proc has.</summary>
    internal static string Describe(uint uid, uint process, string? program, string? login)
    {
        var text = new StringBuilder(UserOf(uid)).Append(" (");
        if (program is { Length: > 0 }) text.Append(Safe(program)).Append(", ");
        text.Append("process ").Append(Text(process));
        bool hasLogin = uint.TryParse(login, NumberStyles.None, CultureInfo.InvariantCulture, out uint loginUid)
            && loginUid != NoLogin
            && loginUid != uid;
        if (hasLogin) text.Append(", logged in as ").Append(UserOf(loginUid));
        return text.Append(')').ToString();
    }

    /// <summary>The name of a user of this machine. No directory service is asked: that could take long.</summary>
    private static string UserOf(uint uid)
    {
        string number = Text(uid);
        string? line = Read(Users)?.Split('\n').FirstOrDefault(
            line => line.Split(':') is [_, _, var known, ..] && known == number);
        return line is null ? $"uid {number}" : Safe(line.Split(':')[0]);
    }

    /// <summary>A process chooses its name, which must not look like the rest of the line.</summary>
    private static string Safe(string name) => string.Concat(
        name.Select(letter => char.IsAsciiLetterOrDigit(letter) || "-_.:/@+".Contains(letter) ? letter : '?'));

    /// <summary>A line of /proc/PID/status.</summary>
    private static string? FieldOf(string? status, string name) => status?.Split('\n').FirstOrDefault(
        line => line.StartsWith($"{name}:\t", StringComparison.Ordinal))?[(name.Length + 2)..];

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Read(string path)
    {
        try
        {
            return SmallFile.ReadText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
