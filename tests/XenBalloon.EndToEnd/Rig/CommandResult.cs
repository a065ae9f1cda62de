namespace XenBalloon.EndToEnd.Rig;

/// <summary>What a command run in dom0 gave: its exit status, and standard output and error as one text.</summary>
internal sealed record CommandResult(string Command, int ExitCode, byte[] Bytes)
{
    public string Output => System.Text.Encoding.UTF8.GetString(Bytes);

    /// <summary>The output of a command that must not fail.</summary>
    public string Required() => RequiredBytes().Length == 0 ? "" : Output;

    /// <summary>As <see cref="Required"/>, for output that is no text.</summary>
    public byte[] RequiredBytes() =>
        ExitCode == 0 ? Bytes : throw new RigException($"in dom0, exit status {ExitCode} of: {Command}\n{Output}");
}
