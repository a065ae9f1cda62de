using System.Buffers.Binary;
using System.Text;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>The beginning of a domain that xl of Xen 4.17 has saved.</summary>
internal static class SavedFile
{
    internal const string Configuration = """
        { "c_info": { "type": "pv", "name": "saved", "uuid": "fdb4c811-e250-46f4-b7d3-2f816f1be080", "run_hotplug_scripts": "True" },
          "b_info": { "max_vcpus": 1, "avail_vcpus": [ 0 ], "max_memkb": 163840, "target_memkb": 98304, "video_memkb": 0,
                      "sched_params": { "sched": "credit2", "weight": 256, "cap": 0 }, "claim_mode": "True", "type.pv": { } },
          "on_soft_reset": "soft_reset" }
        """;

    /// <summary>Makes one.</summary>
    /// <param name="configuration">The configuration in it.</param>
    /// <param name="flags">3 is JSON in a stream of version 2.</param>
    internal static byte[] Of(string configuration, uint flags = 3)
    {
        byte[] text = Encoding.UTF8.GetBytes(configuration + '\0');
        byte[] file = new byte[52 + text.Length];
        "Xen saved domain, xl format\n \0 \r"u8.CopyTo(file);
        uint[] numbers = [0x01020304, flags, 0, (uint)text.Length + 4, (uint)text.Length];
        for (int i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32 + (4 * i)), numbers[i]);
        text.CopyTo(file, 52);
        return file;
    }
}
