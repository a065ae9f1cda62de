using System.Globalization;

namespace XenBalloon.Daemon.State;

/// <summary>Puts a file aside for people to look at, beside those that were put aside before: <c>state.json.bad</c>, <c>state.json.bad.2</c> and so on.</summary>
internal static class SpareName
{
    /// <summary>More are no help to anyone, and fill the disk: the last one gives way.</summary>
    private const int Most = 9;

    /// <returns>Where it is now.</returns>
    /// <exception cref="IOException">It cannot be moved.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static string MoveTo(string path)
    {
        string aside = Enumerable.Range(1, Most).Select(number => Name(path, number)).FirstOrDefault(name => !Path.Exists(name)) ?? Name(path, Most);
        File.Move(path, aside, overwrite: true);
        return aside;
    }

    private static string Name(string path, int number) => number == 1 ? $"{path}.bad" : string.Create(CultureInfo.InvariantCulture, $"{path}.bad.{number}");
}
