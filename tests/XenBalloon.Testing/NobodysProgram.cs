namespace XenBalloon.Testing;

/// <summary>The program where anyone can run it: the build may lie where only its owner can look.</summary>
internal static class NobodysProgram
{
    /// <summary>Copies it.</summary>
    /// <returns>Its path.</returns>
    /// <param name="directory">Where to.</param>
    /// <param name="program">Its name.</param>
    internal static string In(string directory, string program)
    {
        foreach (string file in Directory.GetFiles(TestContext.CurrentContext.TestDirectory))
        {
            string copy = Path.Combine(directory, Path.GetFileName(file));
            File.Copy(file, copy, overwrite: true);
            File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        }

        return Path.Combine(directory, program);
    }
}
