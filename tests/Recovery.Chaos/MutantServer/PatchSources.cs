// A build task, compiled by the build itself: copies of sources with the mutations in them. What it reads is a diff without
// line numbers, so that a patch survives whatever changes elsewhere in its file; one that fits nowhere, or in two places, ends the build.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

public class PatchSources : Task
{
    [Required]
    public string Root { get; set; }

    /// <summary>"# what it does", then for each place "@ file" and lines that begin with ' ', '-' or '+'.</summary>
    [Required]
    public ITaskItem[] Patches { get; set; }

    /// <summary>The files of which patched copies are to be made.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; }

    [Required]
    public string OutputFolder { get; set; }

    public override bool Execute()
    {
        var texts = Sources.ToDictionary(source => source.GetMetadata("FullPath"), source => Read(source.GetMetadata("FullPath")));
        var patched = new HashSet<string>();
        foreach (var patch in Patches)
        {
            var path = patch.GetMetadata("FullPath");
            var hunks = Hunks(path);
            if (hunks.Count == 0)
                Log.LogError(null, null, null, path, 1, 0, 0, 0, "There is no '@ file' in it.");
            foreach (var hunk in hunks)
            {
                var target = Path.GetFullPath(Path.Combine(Root, hunk.File));
                if (texts.TryGetValue(target, out var text))
                    texts[target] = Apply(hunk, text, path);
                else
                    Log.LogError(null, null, null, path, hunk.Line, 0, 0, 0, "{0} is not in the list of files that are patched.", hunk.File);
                patched.Add(target);
            }
        }
        foreach (var idle in texts.Keys.Except(patched))
            Log.LogError("No mutation patches {0}.", idle);
        if (Log.HasLoggedErrors)
            return false;

        Directory.CreateDirectory(OutputFolder);
        foreach (var pair in texts)
            File.WriteAllText(Path.Combine(OutputFolder, Path.GetFileName(pair.Key)), pair.Value);
        return true;
    }

    private string Apply(Hunk hunk, string text, string path)
    {
        var at = text.IndexOf(hunk.Old, StringComparison.Ordinal);
        if (hunk.Old.Length > 0 && at >= 0 && text.IndexOf(hunk.Old, at + 1, StringComparison.Ordinal) < 0)
            return text.Substring(0, at) + hunk.New + text.Substring(at + hunk.Old.Length);
        Log.LogError(null, null, null, path, hunk.Line, 0, 0, 0,
            "The mutation no longer fits {0}: its lines are there {1}. Find what it broke in the source as it is now, and patch that.", hunk.File, at < 0 ? "not at all" : "more than once");
        return text;
    }

    private static List<Hunk> Hunks(string path)
    {
        var hunks = new List<Hunk>();
        var number = 0;
        foreach (var line in Read(path).Split('\n'))
        {
            number++;
            if (line.StartsWith("@ ", StringComparison.Ordinal))
                hunks.Add(new Hunk { File = line.Substring(2).Trim(), Line = number });
            else if (hunks.Count > 0 && line.Length > 0)
                hunks[hunks.Count - 1].Add(line);
        }
        return hunks;
    }

    private static string Read(string path)
    {
        return File.ReadAllText(path).Replace("\r\n", "\n");
    }

    private class Hunk
    {
        public string File;
        public int Line;
        public string Old = "";
        public string New = "";

        public void Add(string line)
        {
            if (line[0] != '+')
                Old += line.Substring(1) + "\n";
            if (line[0] != '-')
                New += line.Substring(1) + "\n";
        }
    }
}
