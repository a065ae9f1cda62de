using System.Text.Json;
using System.Text.Json.Serialization;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Checks;

/// <summary>A finding in the output of <c>--json</c>.</summary>
internal sealed record FindingJson(string Id, string Verdict, string Subject, string Text, string? Remedy)
{
    /// <summary>Writes an array.</summary>
    internal static string Write(IEnumerable<Finding> findings)
    {
        FindingJson[] all =
        [
            .. findings.Select(finding => new FindingJson(
                EnumText.Of(finding.Id),
                EnumText.Of(finding.Verdict),
                finding.Subject,
                finding.Text,
                finding.Remedy)),
        ];
        return JsonSerializer.Serialize(all, FindingJsonNames.Default.FindingJsonArray);
    }
}

/// <summary>Generated at build time, since NativeAOT has no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FindingJson[]))]
internal sealed partial class FindingJsonNames : JsonSerializerContext;
