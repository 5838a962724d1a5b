target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%struct.kdsl_launch = type { [3 x i64], [3 x i64], [3 x i64] }
%struct.Plan = type { i64, i64, i64, i32, i32, i32 }
%struct.Work = type { ptr, ptr, ptr, i64, i64 }
%struct.Param = type { i32, i32, i32, i32, i32, i32 }
%struct.Way = type { ptr, double, i64, i64, i64, i32, i32, i32, i32, i32, i32, [3 x i32], i32, i32, i32, i32, i32, i32, double }

@state = internal global i32 0, align 4
@handles = internal global [1024 x i64] zeroinitializer, align 16
@started = internal unnamed_addr global i64 0, align 8
@at_the_end = internal constant [1 x ptr] [ptr @KDSL_shutdown], section ".fini_array", align 8
@wanted = internal unnamed_addr global i32 0, align 4
@others_workers = internal unnamed_addr global i64 0, align 8
@others_context = internal unnamed_addr global ptr null, align 8
@others = internal unnamed_addr global ptr null, align 8
@KDSL_error_text.texts.rel = internal unnamed_addr constant [8 x i32] [i32 trunc (i64 sub (i64 ptrtoint (ptr @.str to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.1 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.2 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.3 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.4 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.5 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.6 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32), i32 trunc (i64 sub (i64 ptrtoint (ptr @.str.7 to i64), i64 ptrtoint (ptr @KDSL_error_text.texts.rel to i64)) to i32)], align 4
@.str = private unnamed_addr constant [9 x i8] c"no error\00", align 1
@.str.1 = private unnamed_addr constant [62 x i8] c"a null pointer where an array, a shape or a value is expected\00", align 1
@.str.2 = private unnamed_addr constant [50 x i8] c"a grid, block or number of threads that cannot be\00", align 1
@.str.3 = private unnamed_addr constant [50 x i8] c"a negative extent, or an array larger than memory\00", align 1
@.str.4 = private unnamed_addr constant [40 x i8] c"an array whose elements are not aligned\00", align 1
@.str.5 = private unnamed_addr constant [51 x i8] c"an array to be written whose elements share memory\00", align 1
@.str.6 = private unnamed_addr constant [14 x i8] c"out of memory\00", align 1
@.str.7 = private unnamed_addr constant [27 x i8] c"no code for this processor\00", align 1
@.str.8 = private unnamed_addr constant [29 x i8] c"not an error of this library\00", align 1
@level_known = internal unnamed_addr global i32 0, align 4
@workers.registered = internal unnamed_addr global i1 false, align 4
@.str.9 = private unnamed_addr constant [17 x i8] c"KDSL_NUM_THREADS\00", align 1
@llvm.compiler.used = appending global [1 x ptr] [ptr @at_the_end], section "llvm.metadata"

; Function Attrs: nounwind
define void @KDSL_shutdown() #0 {
  %1 = cmpxchg ptr @state, i32 2, i32 1 acq_rel acquire, align 4
  %2 = extractvalue { i32, i1 } %1, 1
  br i1 %2, label %3, label %5

3:                                                ; preds = %0
  %4 = load i64, ptr @started, align 8, !tbaa !3
  tail call void @kdsl_pool_stop(ptr noundef nonnull @handles, i64 noundef %4) #12
  store i64 0, ptr @started, align 8, !tbaa !3
  store atomic i32 3, ptr @state release, align 4
  br label %5

5:                                                ; preds = %3, %0
  ret void
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.start.p0(i64 immarg, ptr nocapture) #1

declare void @kdsl_pool_stop(ptr noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite)
declare void @llvm.lifetime.end.p0(i64 immarg, ptr nocapture) #1

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_threads(i32 noundef %0) local_unnamed_addr #3 {
  store i32 %0, ptr @wanted, align 4, !tbaa !7
  ret void
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none)
define void @KDSL_set_parallel(ptr noundef %0, ptr noundef %1, i32 noundef %2) local_unnamed_addr #3 {
  %4 = tail call i32 @llvm.smax.i32(i32 %2, i32 1)
  %5 = zext nneg i32 %4 to i64
  store i64 %5, ptr @others_workers, align 8, !tbaa !3
  store ptr %1, ptr @others_context, align 8, !tbaa !9
  store ptr %0, ptr @others, align 8, !tbaa !9
  ret void
}

; Function Attrs: nounwind
define i32 @KDSL_launch_kernel(ptr nocapture noundef readonly %0, ptr noundef readonly %1, ptr nocapture noundef readonly %2) local_unnamed_addr #0 {
  %4 = alloca [128 x i64], align 16
  %5 = alloca [128 x i64], align 16
  %6 = alloca %struct.kdsl_launch, align 8
  %7 = alloca %struct.Plan, align 8
  %8 = alloca [16 x i64], align 16
  %9 = alloca %struct.Work, align 8
  %10 = alloca [4 x i32], align 16
  %11 = alloca [4 x i32], align 16
  %12 = alloca [4 x i32], align 16
  %13 = alloca [64 x i64], align 16
  %14 = alloca [512 x i64], align 16
  call void @llvm.lifetime.start.p0(i64 4096, ptr nonnull %14) #13
  %15 = icmp eq ptr %1, null
  br i1 %15, label %764, label %16

16:                                               ; preds = %3
  %17 = getelementptr inbounds i8, ptr %1, i64 24
  %18 = getelementptr inbounds i8, ptr %1, i64 48
  %19 = load i64, ptr %1, align 8, !tbaa !3
  %20 = load i64, ptr %17, align 8, !tbaa !3
  %21 = icmp slt i64 %19, 0
  %22 = add i64 %20, -1025
  %23 = icmp ult i64 %22, -1024
  %24 = select i1 %21, i1 true, i1 %23
  br i1 %24, label %764, label %75

25:                                               ; preds = %84
  %26 = getelementptr inbounds i8, ptr %1, i64 8
  %27 = load i64, ptr %26, align 8, !tbaa !3
  %28 = getelementptr inbounds i8, ptr %1, i64 32
  %29 = load i64, ptr %28, align 8, !tbaa !3
  %30 = icmp slt i64 %27, 0
  %31 = add i64 %29, -1025
  %32 = icmp ult i64 %31, -1024
  %33 = select i1 %30, i1 true, i1 %32
  br i1 %33, label %764, label %34

34:                                               ; preds = %25
  %35 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %27, i64 %29)
  %36 = extractvalue { i64, i1 } %35, 1
  %37 = extractvalue { i64, i1 } %35, 0
  br i1 %36, label %764, label %38

38:                                               ; preds = %34
  %39 = getelementptr inbounds i8, ptr %1, i64 56
  %40 = load i64, ptr %39, align 8, !tbaa !3
  %41 = icmp slt i64 %40, 0
  %42 = icmp sgt i64 %40, %37
  %43 = select i1 %41, i1 true, i1 %42
  br i1 %43, label %764, label %44

44:                                               ; preds = %38
  %45 = icmp eq i64 %27, 0
  %46 = sext i1 %45 to i64
  %47 = sub nsw i64 %46, %29
  %48 = add i64 %47, %37
  %49 = icmp sgt i64 %40, %48
  br i1 %49, label %50, label %764

50:                                               ; preds = %44
  %51 = getelementptr inbounds i8, ptr %1, i64 16
  %52 = load i64, ptr %51, align 8, !tbaa !3
  %53 = getelementptr inbounds i8, ptr %1, i64 40
  %54 = load i64, ptr %53, align 8, !tbaa !3
  %55 = icmp slt i64 %52, 0
  %56 = add i64 %54, -1025
  %57 = icmp ult i64 %56, -1024
  %58 = select i1 %55, i1 true, i1 %57
  br i1 %58, label %764, label %59

59:                                               ; preds = %50
  %60 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %52, i64 %54)
  %61 = extractvalue { i64, i1 } %60, 1
  %62 = extractvalue { i64, i1 } %60, 0
  br i1 %61, label %764, label %63

63:                                               ; preds = %59
  %64 = getelementptr inbounds i8, ptr %1, i64 64
  %65 = load i64, ptr %64, align 8, !tbaa !3
  %66 = icmp slt i64 %65, 0
  %67 = icmp sgt i64 %65, %62
  %68 = select i1 %66, i1 true, i1 %67
  br i1 %68, label %764, label %69

69:                                               ; preds = %63
  %70 = icmp eq i64 %52, 0
  %71 = sext i1 %70 to i64
  %72 = sub nsw i64 %71, %54
  %73 = add i64 %72, %62
  %74 = icmp sgt i64 %65, %73
  br i1 %74, label %90, label %764

75:                                               ; preds = %16
  %76 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %19, i64 %20)
  %77 = extractvalue { i64, i1 } %76, 1
  %78 = extractvalue { i64, i1 } %76, 0
  br i1 %77, label %764, label %79

79:                                               ; preds = %75
  %80 = load i64, ptr %18, align 8, !tbaa !3
  %81 = icmp slt i64 %80, 0
  %82 = icmp sgt i64 %80, %78
  %83 = select i1 %81, i1 true, i1 %82
  br i1 %83, label %764, label %84

84:                                               ; preds = %79
  %85 = icmp eq i64 %19, 0
  %86 = sext i1 %85 to i64
  %87 = sub nsw i64 %86, %20
  %88 = add i64 %87, %78
  %89 = icmp sgt i64 %80, %88
  br i1 %89, label %25, label %764

90:                                               ; preds = %69
  %91 = mul nuw nsw i64 %29, %20
  %92 = mul nuw nsw i64 %91, %54
  %93 = icmp ugt i64 %92, 1024
  br i1 %93, label %764, label %94

94:                                               ; preds = %90
  %95 = getelementptr inbounds i8, ptr %0, i64 16
  %96 = load i32, ptr %95, align 8, !tbaa !11
  %97 = icmp sgt i32 %96, 0
  br i1 %97, label %98, label %370

98:                                               ; preds = %94
  %99 = load ptr, ptr %0, align 8, !tbaa !13
  %100 = zext nneg i32 %96 to i64
  br label %101

101:                                              ; preds = %98, %354
  %102 = phi i64 [ 0, %98 ], [ %358, %354 ]
  %103 = phi i32 [ 0, %98 ], [ %357, %354 ]
  %104 = phi i32 [ 0, %98 ], [ %355, %354 ]
  %105 = getelementptr inbounds %struct.Param, ptr %99, i64 %102
  %106 = load i32, ptr %105, align 4, !tbaa !14
  %107 = icmp eq i32 %106, 0
  %108 = getelementptr inbounds ptr, ptr %2, i64 %102
  %109 = load ptr, ptr %108, align 8, !tbaa !9
  br i1 %107, label %264, label %110

110:                                              ; preds = %101
  %111 = sext i32 %103 to i64
  %112 = getelementptr inbounds i64, ptr %14, i64 %111
  call void @llvm.lifetime.start.p0(i64 512, ptr nonnull %13) #13
  %113 = icmp eq ptr %109, null
  br i1 %113, label %360, label %114

114:                                              ; preds = %110
  %115 = getelementptr inbounds i8, ptr %105, i64 8
  %116 = load i32, ptr %115, align 4, !tbaa !16
  %117 = icmp eq i32 %116, 0
  br i1 %117, label %122, label %118

118:                                              ; preds = %114
  %119 = getelementptr inbounds i8, ptr %109, i64 8
  %120 = load ptr, ptr %119, align 8, !tbaa !17
  %121 = icmp eq ptr %120, null
  br i1 %121, label %360, label %122

122:                                              ; preds = %118, %114
  %123 = getelementptr inbounds i8, ptr %105, i64 4
  %124 = load i32, ptr %123, align 4, !tbaa !19
  %125 = sext i32 %124 to i64
  %126 = getelementptr inbounds i8, ptr %109, i64 8
  %127 = zext i32 %116 to i64
  br label %128

128:                                              ; preds = %140, %122
  %129 = phi i64 [ %132, %140 ], [ %127, %122 ]
  %130 = phi i64 [ %143, %140 ], [ 0, %122 ]
  %131 = phi i64 [ %148, %140 ], [ %125, %122 ]
  %132 = add nsw i64 %129, -1
  %133 = trunc nuw i64 %129 to i32
  %134 = icmp slt i32 %133, 1
  br i1 %134, label %149, label %135

135:                                              ; preds = %128
  %136 = load ptr, ptr %126, align 8, !tbaa !17
  %137 = getelementptr inbounds i64, ptr %136, i64 %132
  %138 = load i64, ptr %137, align 8, !tbaa !3
  %139 = icmp slt i64 %138, 0
  br i1 %139, label %364, label %140

140:                                              ; preds = %135
  %141 = icmp eq i64 %138, 0
  %142 = zext i1 %141 to i64
  %143 = or i64 %130, %142
  %144 = getelementptr inbounds [64 x i64], ptr %13, i64 0, i64 %132
  store i64 %131, ptr %144, align 8, !tbaa !3
  %145 = tail call i64 @llvm.umax.i64(i64 %138, i64 1)
  %146 = tail call { i64, i1 } @llvm.smul.with.overflow.i64(i64 %131, i64 %145)
  %147 = extractvalue { i64, i1 } %146, 1
  %148 = extractvalue { i64, i1 } %146, 0
  br i1 %147, label %364, label %128, !llvm.loop !20

149:                                              ; preds = %128
  %150 = getelementptr inbounds i8, ptr %109, i64 16
  %151 = load ptr, ptr %150, align 8, !tbaa !22
  %152 = icmp eq ptr %151, null
  %153 = select i1 %152, ptr %13, ptr %151
  %154 = load ptr, ptr %109, align 8, !tbaa !23
  %155 = icmp ne ptr %154, null
  %156 = icmp ne i64 %130, 0
  %157 = select i1 %155, i1 true, i1 %156
  br i1 %157, label %158, label %364

158:                                              ; preds = %149
  %159 = ptrtoint ptr %154 to i64
  %160 = getelementptr inbounds i8, ptr %105, i64 16
  %161 = load i32, ptr %160, align 4, !tbaa !24
  %162 = add nsw i32 %161, -1
  %163 = sext i32 %162 to i64
  %164 = and i64 %163, %159
  %165 = icmp eq i64 %164, 0
  br i1 %165, label %166, label %364

166:                                              ; preds = %158
  store i64 %159, ptr %112, align 8, !tbaa !3
  %167 = icmp sgt i32 %116, 0
  br i1 %167, label %168, label %187

168:                                              ; preds = %166
  %169 = load ptr, ptr %126, align 8, !tbaa !17
  %170 = getelementptr inbounds i64, ptr %112, i64 %127
  %171 = getelementptr inbounds i8, ptr %170, i64 8
  br label %172

172:                                              ; preds = %182, %168
  %173 = phi i64 [ 0, %168 ], [ %183, %182 ]
  %174 = getelementptr inbounds i64, ptr %169, i64 %173
  %175 = load i64, ptr %174, align 8, !tbaa !3
  %176 = icmp slt i64 %175, 2
  %177 = getelementptr inbounds i64, ptr %153, i64 %173
  %178 = load i64, ptr %177, align 8, !tbaa !3
  %179 = and i64 %178, %163
  %180 = icmp eq i64 %179, 0
  %181 = select i1 %176, i1 true, i1 %180
  br i1 %181, label %182, label %364

182:                                              ; preds = %172
  %183 = add nuw nsw i64 %173, 1
  %184 = getelementptr inbounds i64, ptr %112, i64 %183
  store i64 %175, ptr %184, align 8, !tbaa !3
  %185 = getelementptr inbounds i64, ptr %171, i64 %173
  store i64 %178, ptr %185, align 8, !tbaa !3
  %186 = icmp eq i64 %183, %127
  br i1 %186, label %187, label %172, !llvm.loop !25

187:                                              ; preds = %182, %166
  %188 = getelementptr inbounds i8, ptr %105, i64 12
  %189 = load i32, ptr %188, align 4, !tbaa !26
  %190 = icmp sgt i32 %189, -1
  br i1 %190, label %191, label %203

191:                                              ; preds = %187
  %192 = load ptr, ptr %126, align 8, !tbaa !17
  %193 = zext nneg i32 %189 to i64
  %194 = getelementptr inbounds i64, ptr %192, i64 %193
  %195 = load i64, ptr %194, align 8, !tbaa !3
  %196 = icmp sgt i64 %195, 1
  br i1 %196, label %197, label %203

197:                                              ; preds = %191
  %198 = getelementptr inbounds i64, ptr %153, i64 %193
  %199 = load i64, ptr %198, align 8, !tbaa !3
  %200 = icmp eq i64 %199, %125
  %201 = select i1 %200, i1 true, i1 %156
  %202 = select i1 %201, i32 %104, i32 1
  br label %203

203:                                              ; preds = %197, %191, %187
  %204 = phi i32 [ %104, %191 ], [ %104, %187 ], [ %202, %197 ]
  %205 = getelementptr inbounds i8, ptr %105, i64 20
  %206 = load i32, ptr %205, align 4, !tbaa !27
  %207 = icmp eq i32 %206, 0
  %208 = select i1 %207, i1 true, i1 %152
  %209 = select i1 %208, i1 true, i1 %156
  br i1 %209, label %261, label %210

210:                                              ; preds = %203
  %211 = load ptr, ptr %126, align 8, !tbaa !17
  br i1 %167, label %212, label %261

212:                                              ; preds = %210, %251
  %213 = phi i64 [ %258, %251 ], [ %125, %210 ]
  %214 = phi i32 [ %259, %251 ], [ 0, %210 ]
  %215 = phi i64 [ %253, %251 ], [ 0, %210 ]
  br label %218

216:                                              ; preds = %241
  %217 = icmp slt i32 %242, 0
  br i1 %217, label %261, label %245

218:                                              ; preds = %241, %212
  %219 = phi i64 [ 0, %212 ], [ %243, %241 ]
  %220 = phi i32 [ -1, %212 ], [ %242, %241 ]
  %221 = getelementptr inbounds i64, ptr %151, i64 %219
  %222 = load i64, ptr %221, align 8, !tbaa !3
  %223 = tail call i64 @llvm.abs.i64(i64 %222, i1 true)
  %224 = shl nuw i64 1, %219
  %225 = and i64 %224, %215
  %226 = icmp eq i64 %225, 0
  br i1 %226, label %227, label %241

227:                                              ; preds = %218
  %228 = getelementptr inbounds i64, ptr %211, i64 %219
  %229 = load i64, ptr %228, align 8, !tbaa !3
  %230 = icmp slt i64 %229, 2
  br i1 %230, label %241, label %231

231:                                              ; preds = %227
  %232 = icmp slt i32 %220, 0
  br i1 %232, label %239, label %233

233:                                              ; preds = %231
  %234 = zext nneg i32 %220 to i64
  %235 = getelementptr inbounds i64, ptr %151, i64 %234
  %236 = load i64, ptr %235, align 8, !tbaa !3
  %237 = tail call i64 @llvm.abs.i64(i64 %236, i1 true)
  %238 = icmp ult i64 %223, %237
  br i1 %238, label %239, label %241

239:                                              ; preds = %233, %231
  %240 = trunc nuw nsw i64 %219 to i32
  br label %241

241:                                              ; preds = %239, %233, %227, %218
  %242 = phi i32 [ %220, %227 ], [ %220, %218 ], [ %240, %239 ], [ %220, %233 ]
  %243 = add nuw nsw i64 %219, 1
  %244 = icmp eq i64 %243, %127
  br i1 %244, label %216, label %218, !llvm.loop !28

245:                                              ; preds = %216
  %246 = zext nneg i32 %242 to i64
  %247 = getelementptr inbounds i64, ptr %151, i64 %246
  %248 = load i64, ptr %247, align 8, !tbaa !3
  %249 = tail call i64 @llvm.abs.i64(i64 %248, i1 true)
  %250 = icmp slt i64 %249, %213
  br i1 %250, label %364, label %251

251:                                              ; preds = %245
  %252 = shl nuw i64 1, %246
  %253 = or i64 %252, %215
  %254 = getelementptr inbounds i64, ptr %211, i64 %246
  %255 = load i64, ptr %254, align 8, !tbaa !3
  %256 = add nsw i64 %255, -1
  %257 = mul nsw i64 %256, %249
  %258 = add nsw i64 %257, %213
  %259 = add nuw nsw i32 %214, 1
  %260 = icmp eq i32 %259, %116
  br i1 %260, label %261, label %212, !llvm.loop !29

261:                                              ; preds = %251, %216, %203, %210
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %262 = shl nsw i32 %116, 1
  %263 = or disjoint i32 %262, 1
  br label %354

264:                                              ; preds = %101
  %265 = icmp eq ptr %109, null
  br i1 %265, label %266, label %270

266:                                              ; preds = %264
  %267 = trunc nuw nsw i64 %102 to i32
  %268 = shl i32 %267, 8
  %269 = add i32 %268, 257
  br label %764

270:                                              ; preds = %264
  %271 = getelementptr inbounds i8, ptr %105, i64 4
  %272 = load i32, ptr %271, align 4, !tbaa !19
  %273 = add nsw i32 %272, 7
  %274 = sdiv i32 %273, 8
  %275 = icmp sgt i32 %272, 0
  br i1 %275, label %276, label %354

276:                                              ; preds = %270
  %277 = sext i32 %103 to i64
  %278 = tail call i32 @llvm.smax.i32(i32 %274, i32 1)
  %279 = zext nneg i32 %278 to i64
  %280 = and i64 %279, 3
  %281 = icmp slt i32 %272, 25
  br i1 %281, label %284, label %282

282:                                              ; preds = %276
  %283 = and i64 %279, 268435452
  br label %304

284:                                              ; preds = %304, %276
  %285 = phi i64 [ 0, %276 ], [ %318, %304 ]
  %286 = icmp eq i64 %280, 0
  br i1 %286, label %295, label %287

287:                                              ; preds = %284, %287
  %288 = phi i64 [ %292, %287 ], [ %285, %284 ]
  %289 = phi i64 [ %293, %287 ], [ 0, %284 ]
  %290 = add nsw i64 %288, %277
  %291 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %290
  store i64 0, ptr %291, align 8, !tbaa !3
  %292 = add nuw nsw i64 %288, 1
  %293 = add i64 %289, 1
  %294 = icmp eq i64 %293, %280
  br i1 %294, label %295, label %287, !llvm.loop !30

295:                                              ; preds = %287, %284
  br i1 %275, label %296, label %354

296:                                              ; preds = %295
  %297 = sext i32 %103 to i64
  %298 = getelementptr inbounds i64, ptr %14, i64 %297
  %299 = zext nneg i32 %272 to i64
  %300 = and i64 %299, 3
  %301 = icmp ult i32 %272, 4
  br i1 %301, label %342, label %302

302:                                              ; preds = %296
  %303 = and i64 %299, 2147483644
  br label %321

304:                                              ; preds = %304, %282
  %305 = phi i64 [ 0, %282 ], [ %318, %304 ]
  %306 = phi i64 [ 0, %282 ], [ %319, %304 ]
  %307 = add nsw i64 %305, %277
  %308 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %307
  store i64 0, ptr %308, align 8, !tbaa !3
  %309 = or disjoint i64 %305, 1
  %310 = add nsw i64 %309, %277
  %311 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %310
  store i64 0, ptr %311, align 8, !tbaa !3
  %312 = or disjoint i64 %305, 2
  %313 = add nsw i64 %312, %277
  %314 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %313
  store i64 0, ptr %314, align 8, !tbaa !3
  %315 = or disjoint i64 %305, 3
  %316 = add nsw i64 %315, %277
  %317 = getelementptr inbounds [512 x i64], ptr %14, i64 0, i64 %316
  store i64 0, ptr %317, align 8, !tbaa !3
  %318 = add nuw nsw i64 %305, 4
  %319 = add i64 %306, 4
  %320 = icmp eq i64 %319, %283
  br i1 %320, label %284, label %304, !llvm.loop !32

321:                                              ; preds = %321, %302
  %322 = phi i64 [ 0, %302 ], [ %339, %321 ]
  %323 = phi i64 [ 0, %302 ], [ %340, %321 ]
  %324 = getelementptr inbounds i8, ptr %109, i64 %322
  %325 = load i8, ptr %324, align 1, !tbaa !33
  %326 = getelementptr inbounds i8, ptr %298, i64 %322
  store i8 %325, ptr %326, align 4, !tbaa !33
  %327 = or disjoint i64 %322, 1
  %328 = getelementptr inbounds i8, ptr %109, i64 %327
  %329 = load i8, ptr %328, align 1, !tbaa !33
  %330 = getelementptr inbounds i8, ptr %298, i64 %327
  store i8 %329, ptr %330, align 1, !tbaa !33
  %331 = or disjoint i64 %322, 2
  %332 = getelementptr inbounds i8, ptr %109, i64 %331
  %333 = load i8, ptr %332, align 1, !tbaa !33
  %334 = getelementptr inbounds i8, ptr %298, i64 %331
  store i8 %333, ptr %334, align 2, !tbaa !33
  %335 = or disjoint i64 %322, 3
  %336 = getelementptr inbounds i8, ptr %109, i64 %335
  %337 = load i8, ptr %336, align 1, !tbaa !33
  %338 = getelementptr inbounds i8, ptr %298, i64 %335
  store i8 %337, ptr %338, align 1, !tbaa !33
  %339 = add nuw nsw i64 %322, 4
  %340 = add i64 %323, 4
  %341 = icmp eq i64 %340, %303
  br i1 %341, label %342, label %321, !llvm.loop !34

342:                                              ; preds = %321, %296
  %343 = phi i64 [ 0, %296 ], [ %339, %321 ]
  %344 = icmp eq i64 %300, 0
  br i1 %344, label %354, label %345

345:                                              ; preds = %342, %345
  %346 = phi i64 [ %351, %345 ], [ %343, %342 ]
  %347 = phi i64 [ %352, %345 ], [ 0, %342 ]
  %348 = getelementptr inbounds i8, ptr %109, i64 %346
  %349 = load i8, ptr %348, align 1, !tbaa !33
  %350 = getelementptr inbounds i8, ptr %298, i64 %346
  store i8 %349, ptr %350, align 1, !tbaa !33
  %351 = add nuw nsw i64 %346, 1
  %352 = add i64 %347, 1
  %353 = icmp eq i64 %352, %300
  br i1 %353, label %354, label %345, !llvm.loop !35

354:                                              ; preds = %342, %345, %270, %295, %261
  %355 = phi i32 [ %204, %261 ], [ %104, %295 ], [ %104, %270 ], [ %104, %345 ], [ %104, %342 ]
  %356 = phi i32 [ %263, %261 ], [ %274, %295 ], [ %274, %270 ], [ %274, %345 ], [ %274, %342 ]
  %357 = add nsw i32 %356, %103
  %358 = add nuw nsw i64 %102, 1
  %359 = icmp eq i64 %358, %100
  br i1 %359, label %370, label %101, !llvm.loop !36

360:                                              ; preds = %110, %118
  %361 = trunc nuw nsw i64 %102 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %362 = shl i32 %361, 8
  %363 = add i32 %362, 257
  br label %764

364:                                              ; preds = %158, %149, %135, %140, %172, %245
  %365 = phi i32 [ 5, %245 ], [ 4, %172 ], [ 3, %140 ], [ 3, %135 ], [ 4, %158 ], [ 1, %149 ]
  %366 = trunc nuw nsw i64 %102 to i32
  call void @llvm.lifetime.end.p0(i64 512, ptr nonnull %13) #13
  %367 = shl i32 %366, 8
  %368 = add i32 %367, 256
  %369 = or disjoint i32 %365, %368
  br label %764

370:                                              ; preds = %354, %94
  %371 = phi i32 [ 0, %94 ], [ %355, %354 ]
  %372 = load atomic i32, ptr @level_known monotonic, align 4
  %373 = icmp eq i32 %372, 0
  br i1 %373, label %374, label %422

374:                                              ; preds = %370
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %10) #13
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %11) #13
  call void @llvm.lifetime.start.p0(i64 16, ptr nonnull %12) #13
  call void @kdsl_cpuid(i32 noundef 0, i32 noundef 0, ptr noundef nonnull %10) #12
  %375 = load i32, ptr %10, align 16, !tbaa !7
  call void @kdsl_cpuid(i32 noundef 1, i32 noundef 0, ptr noundef nonnull %10) #12
  call void @kdsl_cpuid(i32 noundef -2147483647, i32 noundef 0, ptr noundef nonnull %12) #12
  %376 = getelementptr inbounds i8, ptr %10, i64 8
  %377 = load i32, ptr %376, align 8, !tbaa !7
  %378 = and i32 %377, 9970177
  %379 = icmp eq i32 %378, 9970177
  br i1 %379, label %380, label %417

380:                                              ; preds = %374
  %381 = getelementptr inbounds i8, ptr %12, i64 8
  %382 = load i32, ptr %381, align 8, !tbaa !7
  %383 = and i32 %382, 1
  %384 = icmp eq i32 %383, 0
  br i1 %384, label %417, label %385

385:                                              ; preds = %380
  %386 = and i32 %377, 943722496
  %387 = icmp ne i32 %386, 943722496
  %388 = icmp ult i32 %375, 7
  %389 = select i1 %387, i1 true, i1 %388
  %390 = and i32 %382, 32
  %391 = icmp eq i32 %390, 0
  %392 = or i1 %389, %391
  br i1 %392, label %417, label %393

393:                                              ; preds = %385
  %394 = call i64 @kdsl_xgetbv() #12
  call void @kdsl_cpuid(i32 noundef 7, i32 noundef 0, ptr noundef nonnull %11) #12
  %395 = and i64 %394, 6
  %396 = icmp eq i64 %395, 6
  br i1 %396, label %397, label %417

397:                                              ; preds = %393
  %398 = getelementptr inbounds i8, ptr %11, i64 4
  %399 = load i32, ptr %398, align 4
  %400 = and i32 %399, 296
  %401 = icmp eq i32 %400, 296
  br i1 %401, label %402, label %417

402:                                              ; preds = %397
  %403 = and i64 %394, 230
  %404 = icmp eq i64 %403, 230
  %405 = and i32 %399, -805109760
  %406 = icmp eq i32 %405, -805109760
  %407 = and i1 %404, %406
  br i1 %407, label %408, label %417

408:                                              ; preds = %402
  %409 = getelementptr inbounds i8, ptr %11, i64 8
  %410 = load i32, ptr %409, align 8, !tbaa !7
  %411 = and i32 %410, 22850
  %412 = icmp eq i32 %411, 22850
  %413 = and i32 %399, 2097152
  %414 = icmp ne i32 %413, 0
  %415 = and i1 %414, %412
  %416 = select i1 %415, i32 5, i32 4
  br label %417

417:                                              ; preds = %408, %402, %397, %393, %385, %380, %374
  %418 = phi i32 [ 1, %380 ], [ 1, %374 ], [ 2, %385 ], [ 2, %397 ], [ 2, %393 ], [ %416, %408 ], [ 3, %402 ]
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %12) #13
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %11) #13
  call void @llvm.lifetime.end.p0(i64 16, ptr nonnull %10) #13
  store atomic i32 %418, ptr @level_known monotonic, align 4
  %419 = load i64, ptr %17, align 8, !tbaa !3
  %420 = load i64, ptr %28, align 8, !tbaa !3
  %421 = load i64, ptr %53, align 8, !tbaa !3
  br label %422

422:                                              ; preds = %417, %370
  %423 = phi i64 [ %54, %370 ], [ %421, %417 ]
  %424 = phi i64 [ %29, %370 ], [ %420, %417 ]
  %425 = phi i64 [ %20, %370 ], [ %419, %417 ]
  %426 = phi i32 [ %372, %370 ], [ %418, %417 ]
  %427 = getelementptr inbounds i8, ptr %0, i64 20
  %428 = load i32, ptr %427, align 4, !tbaa !37
  %429 = icmp sgt i32 %428, 0
  br i1 %429, label %430, label %764

430:                                              ; preds = %422
  %431 = load i64, ptr %64, align 8, !tbaa !3
  %432 = load i64, ptr %51, align 8, !tbaa !3
  %433 = mul nsw i64 %432, %423
  %434 = icmp ne i64 %431, %433
  %435 = load i64, ptr %18, align 8, !tbaa !3
  %436 = load i64, ptr %1, align 8, !tbaa !3
  %437 = mul nsw i64 %436, %425
  %438 = icmp ne i64 %435, %437
  %439 = load i64, ptr %39, align 8, !tbaa !3
  %440 = load i64, ptr %26, align 8, !tbaa !3
  %441 = mul nsw i64 %440, %424
  %442 = icmp ne i64 %439, %441
  %443 = getelementptr inbounds i8, ptr %0, i64 8
  %444 = load ptr, ptr %443, align 8, !tbaa !38
  %445 = zext nneg i32 %428 to i64
  %446 = mul nsw i64 %423, %424
  %447 = icmp sgt i64 %446, 1
  br label %448

448:                                              ; preds = %504, %430
  %449 = phi i64 [ 0, %430 ], [ %506, %504 ]
  %450 = phi ptr [ null, %430 ], [ %505, %504 ]
  %451 = getelementptr inbounds %struct.Way, ptr %444, i64 %449
  %452 = getelementptr inbounds i8, ptr %451, i64 40
  %453 = load i32, ptr %452, align 8, !tbaa !39
  %454 = icmp sgt i32 %453, %426
  br i1 %454, label %504, label %455

455:                                              ; preds = %448
  %456 = getelementptr inbounds i8, ptr %451, i64 44
  %457 = load i32, ptr %456, align 4, !tbaa !42
  %458 = icmp eq i32 %457, %371
  br i1 %458, label %459, label %504

459:                                              ; preds = %455
  %460 = icmp eq ptr %450, null
  br i1 %460, label %465, label %461

461:                                              ; preds = %459
  %462 = getelementptr inbounds i8, ptr %450, i64 40
  %463 = load i32, ptr %462, align 8, !tbaa !39
  %464 = icmp slt i32 %453, %463
  br i1 %464, label %510, label %465

465:                                              ; preds = %461, %459
  %466 = getelementptr inbounds i8, ptr %451, i64 60
  %467 = load i32, ptr %466, align 4, !tbaa !43
  %468 = icmp eq i32 %467, 0
  br i1 %468, label %477, label %469

469:                                              ; preds = %465
  %470 = getelementptr inbounds i8, ptr %451, i64 56
  %471 = load i32, ptr %470, align 8, !tbaa !44
  %472 = add nsw i32 %471, -1
  %473 = sext i32 %472 to i64
  %474 = and i64 %425, %473
  %475 = icmp ne i64 %474, 0
  %476 = select i1 %475, i1 %447, i1 false
  br label %477

477:                                              ; preds = %469, %465
  %478 = phi i1 [ false, %465 ], [ %476, %469 ]
  %479 = zext i1 %478 to i32
  %480 = getelementptr inbounds i8, ptr %451, i64 48
  %481 = load i32, ptr %480, align 8, !tbaa !45
  %482 = icmp eq i32 %481, %479
  br i1 %482, label %483, label %504

483:                                              ; preds = %477
  %484 = getelementptr inbounds i8, ptr %451, i64 64
  %485 = load i32, ptr %484, align 8, !tbaa !7
  %486 = icmp eq i32 %485, 0
  %487 = select i1 %486, i1 true, i1 %434
  %488 = select i1 %487, i1 true, i1 %442
  %489 = select i1 %488, i1 true, i1 %438
  %490 = select i1 %486, ptr %451, ptr %450
  br i1 %489, label %504, label %491

491:                                              ; preds = %483
  %492 = sext i32 %485 to i64
  %493 = icmp eq i64 %425, %492
  br i1 %493, label %494, label %504

494:                                              ; preds = %491
  %495 = getelementptr inbounds i8, ptr %451, i64 68
  %496 = load i32, ptr %495, align 4, !tbaa !7
  %497 = sext i32 %496 to i64
  %498 = icmp eq i64 %424, %497
  br i1 %498, label %499, label %504

499:                                              ; preds = %494
  %500 = getelementptr inbounds i8, ptr %451, i64 72
  %501 = load i32, ptr %500, align 8, !tbaa !7
  %502 = sext i32 %501 to i64
  %503 = icmp eq i64 %423, %502
  br i1 %503, label %510, label %504

504:                                              ; preds = %499, %494, %491, %483, %477, %455, %448
  %505 = phi ptr [ %450, %499 ], [ %490, %483 ], [ %450, %491 ], [ %450, %494 ], [ %450, %477 ], [ %450, %448 ], [ %450, %455 ]
  %506 = add nuw nsw i64 %449, 1
  %507 = icmp eq i64 %506, %445
  br i1 %507, label %508, label %448, !llvm.loop !46

508:                                              ; preds = %504
  %509 = icmp eq ptr %505, null
  br i1 %509, label %764, label %510

510:                                              ; preds = %499, %461, %508
  %511 = phi ptr [ %505, %508 ], [ %450, %461 ], [ %451, %499 ]
  %512 = icmp eq i64 %435, 0
  %513 = icmp eq i64 %439, 0
  %514 = select i1 %512, i1 true, i1 %513
  %515 = icmp eq i64 %431, 0
  %516 = select i1 %514, i1 true, i1 %515
  br i1 %516, label %764, label %517

517:                                              ; preds = %510
  call void @llvm.lifetime.start.p0(i64 72, ptr nonnull %6) #13
  call void @llvm.experimental.noalias.scope.decl(metadata !47)
  call void @llvm.memcpy.p0.p0.i64(ptr noundef nonnull align 8 dereferenceable(72) %6, ptr noundef nonnull readonly align 8 dereferenceable(72) %1, i64 72, i1 false), !tbaa.struct !50
  %518 = getelementptr inbounds i8, ptr %511, i64 80
  %519 = load i32, ptr %518, align 8, !tbaa !51, !noalias !47
  %520 = icmp eq i32 %519, 3
  %521 = select i1 %520, i32 2, i32 %519
  %522 = zext i1 %520 to i64
  %523 = getelementptr inbounds i64, ptr %6, i64 %522
  %524 = load i64, ptr %523, align 8, !tbaa !3, !alias.scope !47
  %525 = sext i32 %521 to i64
  %526 = getelementptr inbounds i64, ptr %6, i64 %525
  %527 = load i64, ptr %526, align 8, !tbaa !3, !alias.scope !47
  store i64 %527, ptr %523, align 8, !tbaa !3, !alias.scope !47
  store i64 %524, ptr %526, align 8, !tbaa !3, !alias.scope !47
  %528 = getelementptr inbounds i8, ptr %6, i64 24
  %529 = getelementptr inbounds i64, ptr %528, i64 %522
  %530 = load i64, ptr %529, align 8, !tbaa !3, !alias.scope !47
  %531 = getelementptr inbounds i64, ptr %528, i64 %525
  %532 = load i64, ptr %531, align 8, !tbaa !3, !alias.scope !47
  store i64 %532, ptr %529, align 8, !tbaa !3, !alias.scope !47
  store i64 %530, ptr %531, align 8, !tbaa !3, !alias.scope !47
  %533 = getelementptr inbounds i8, ptr %6, i64 48
  %534 = getelementptr inbounds i64, ptr %533, i64 %522
  %535 = load i64, ptr %534, align 8, !tbaa !3, !alias.scope !47
  %536 = getelementptr inbounds i64, ptr %533, i64 %525
  %537 = load i64, ptr %536, align 8, !tbaa !3, !alias.scope !47
  store i64 %537, ptr %534, align 8, !tbaa !3, !alias.scope !47
  store i64 %535, ptr %536, align 8, !tbaa !3, !alias.scope !47
  %538 = getelementptr inbounds i8, ptr %511, i64 8
  %539 = load double, ptr %538, align 8, !tbaa !52
  %540 = getelementptr inbounds i8, ptr %511, i64 92
  %541 = load i32, ptr %540, align 4, !tbaa !53
  %542 = icmp sgt i32 %541, -1
  br i1 %542, label %543, label %552

543:                                              ; preds = %517
  %544 = getelementptr inbounds i8, ptr %511, i64 104
  %545 = load double, ptr %544, align 8, !tbaa !54
  %546 = zext nneg i32 %541 to i64
  %547 = getelementptr inbounds i64, ptr %14, i64 %546
  %548 = load i64, ptr %547, align 8, !tbaa !3
  %549 = sitofp i64 %548 to double
  %550 = fadd double %549, -1.600000e+01
  %551 = call double @llvm.fmuladd.f64(double %545, double %550, double %539)
  br label %552

552:                                              ; preds = %543, %517
  %553 = phi double [ %551, %543 ], [ %539, %517 ]
  %554 = fcmp ogt double %553, 1.000000e-02
  %555 = select i1 %554, double %553, double 1.000000e-02
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %7) #13
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef nonnull readonly %511, double noundef %555, ptr noundef nonnull %6, i64 noundef 1) #14
  %556 = getelementptr inbounds i8, ptr %7, i64 28
  %557 = load i32, ptr %556, align 4, !tbaa !55
  %558 = icmp eq i32 %557, 0
  br i1 %558, label %559, label %653

559:                                              ; preds = %552
  %560 = load ptr, ptr @others, align 8, !tbaa !9
  %561 = icmp eq ptr %560, null
  br i1 %561, label %564, label %562

562:                                              ; preds = %559
  %563 = load i64, ptr @others_workers, align 8, !tbaa !3
  br label %649

564:                                              ; preds = %559
  %565 = cmpxchg ptr @state, i32 0, i32 1 acq_rel acquire, align 4
  %566 = extractvalue { i32, i1 } %565, 1
  br i1 %566, label %567, label %644

567:                                              ; preds = %564
  %568 = load i32, ptr @wanted, align 4, !tbaa !7
  %569 = icmp sgt i32 %568, 0
  br i1 %569, label %570, label %572

570:                                              ; preds = %567
  %571 = zext nneg i32 %568 to i64
  br label %611

572:                                              ; preds = %567
  %573 = call ptr @getenv(ptr noundef nonnull @.str.9) #12
  %574 = icmp eq ptr %573, null
  br i1 %574, label %596, label %575

575:                                              ; preds = %572
  %576 = load i8, ptr %573, align 1, !tbaa !33
  %577 = icmp sgt i8 %576, 47
  br i1 %577, label %578, label %596

578:                                              ; preds = %575, %585
  %579 = phi i8 [ %591, %585 ], [ %576, %575 ]
  %580 = phi ptr [ %587, %585 ], [ %573, %575 ]
  %581 = phi i64 [ %590, %585 ], [ 0, %575 ]
  %582 = icmp ult i8 %579, 58
  %583 = icmp slt i64 %581, 1024
  %584 = select i1 %582, i1 %583, i1 false
  br i1 %584, label %585, label %593

585:                                              ; preds = %578
  %586 = mul nsw i64 %581, 10
  %587 = getelementptr inbounds i8, ptr %580, i64 1
  %588 = add nsw i8 %579, -48
  %589 = zext nneg i8 %588 to i64
  %590 = add nsw i64 %586, %589
  %591 = load i8, ptr %587, align 1, !tbaa !33
  %592 = icmp sgt i8 %591, 47
  br i1 %592, label %578, label %593

593:                                              ; preds = %585, %578
  %594 = phi i64 [ %590, %585 ], [ %581, %578 ]
  %595 = icmp sgt i64 %594, 0
  br i1 %595, label %611, label %596

596:                                              ; preds = %593, %575, %572
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %5) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %5, i8 0, i64 1024, i1 false)
  %597 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %5) #12
  %598 = icmp sgt i32 %597, -1
  br i1 %598, label %599, label %608

599:                                              ; preds = %596, %599
  %600 = phi i64 [ %606, %599 ], [ 0, %596 ]
  %601 = phi i64 [ %605, %599 ], [ 0, %596 ]
  %602 = getelementptr inbounds [128 x i64], ptr %5, i64 0, i64 %600
  %603 = load i64, ptr %602, align 8, !tbaa !3
  %604 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %603)
  %605 = add nuw nsw i64 %604, %601
  %606 = add nuw nsw i64 %600, 1
  %607 = icmp eq i64 %606, 128
  br i1 %607, label %608, label %599, !llvm.loop !57

608:                                              ; preds = %599, %596
  %609 = phi i64 [ 0, %596 ], [ %605, %599 ]
  %610 = call i64 @llvm.smax.i64(i64 %609, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %5) #13
  br label %611

611:                                              ; preds = %608, %593, %570
  %612 = phi i64 [ %571, %570 ], [ %610, %608 ], [ %594, %593 ]
  %613 = call i64 @llvm.umin.i64(i64 %612, i64 1024)
  %614 = icmp ugt i64 %612, 1
  br i1 %614, label %617, label %615

615:                                              ; preds = %611
  %616 = load i64, ptr @started, align 8, !tbaa !3
  br label %640

617:                                              ; preds = %611
  %618 = load i1, ptr @workers.registered, align 4
  br i1 %618, label %621, label %619

619:                                              ; preds = %617
  store i1 true, ptr @workers.registered, align 4
  %620 = call i32 @__register_atfork(ptr noundef null, ptr noundef null, ptr noundef nonnull @without_pool, ptr noundef null) #12
  br label %621

621:                                              ; preds = %619, %617
  %622 = add nsw i64 %613, -1
  call void @llvm.lifetime.start.p0(i64 1024, ptr nonnull %4) #13
  call void @llvm.memset.p0.i64(ptr noundef nonnull align 16 dereferenceable(1024) %4, i8 0, i64 1024, i1 false)
  %623 = call i32 @sched_getaffinity(i32 noundef 0, i64 noundef 1024, ptr noundef nonnull %4) #12
  %624 = icmp sgt i32 %623, -1
  br i1 %624, label %625, label %634

625:                                              ; preds = %621, %625
  %626 = phi i64 [ %632, %625 ], [ 0, %621 ]
  %627 = phi i64 [ %631, %625 ], [ 0, %621 ]
  %628 = getelementptr inbounds [128 x i64], ptr %4, i64 0, i64 %626
  %629 = load i64, ptr %628, align 8, !tbaa !3
  %630 = call range(i64 0, 65) i64 @llvm.ctpop.i64(i64 %629)
  %631 = add nuw nsw i64 %630, %627
  %632 = add nuw nsw i64 %626, 1
  %633 = icmp eq i64 %632, 128
  br i1 %633, label %634, label %625, !llvm.loop !57

634:                                              ; preds = %625, %621
  %635 = phi i64 [ 0, %621 ], [ %631, %625 ]
  %636 = call i64 @llvm.smax.i64(i64 %635, i64 1)
  call void @llvm.lifetime.end.p0(i64 1024, ptr nonnull %4) #13
  %637 = icmp ugt i64 %613, %636
  %638 = select i1 %637, i32 20, i32 10000
  %639 = call i64 @kdsl_pool_start(ptr noundef nonnull @handles, i64 noundef %622, i32 noundef %638) #12
  store i64 %639, ptr @started, align 8, !tbaa !3
  br label %640

640:                                              ; preds = %634, %615
  %641 = phi i64 [ %616, %615 ], [ %639, %634 ]
  %642 = icmp eq i64 %641, 0
  %643 = select i1 %642, i32 3, i32 2
  store atomic i32 %643, ptr @state release, align 4
  br label %644

644:                                              ; preds = %640, %564
  %645 = load atomic i32, ptr @state acquire, align 4
  %646 = icmp eq i32 %645, 2
  %647 = load i64, ptr @started, align 8
  %648 = add nsw i64 %647, 1
  br i1 %646, label %649, label %653

649:                                              ; preds = %644, %562
  %650 = phi i64 [ %563, %562 ], [ %648, %644 ]
  %651 = icmp sgt i64 %650, 1
  br i1 %651, label %652, label %653

652:                                              ; preds = %649
  call fastcc void @make_plan(ptr dead_on_unwind nonnull writable sret(%struct.Plan) align 8 %7, ptr noundef readonly %511, double noundef %555, ptr noundef nonnull %6, i64 noundef %650) #14
  br label %653

653:                                              ; preds = %652, %649, %644, %552
  %654 = phi i64 [ 1, %552 ], [ %650, %652 ], [ %650, %649 ], [ 1, %644 ]
  call void @llvm.lifetime.start.p0(i64 128, ptr nonnull %8) #13
  %655 = load i64, ptr %6, align 8, !tbaa !3
  store i64 %655, ptr %8, align 16, !tbaa !3
  %656 = getelementptr inbounds i8, ptr %8, i64 8
  %657 = getelementptr inbounds i8, ptr %6, i64 8
  %658 = load i64, ptr %657, align 8, !tbaa !3
  store i64 %658, ptr %656, align 8, !tbaa !3
  %659 = getelementptr inbounds i8, ptr %8, i64 16
  %660 = getelementptr inbounds i8, ptr %6, i64 16
  %661 = load i64, ptr %660, align 8, !tbaa !3
  store i64 %661, ptr %659, align 16, !tbaa !3
  %662 = getelementptr inbounds i8, ptr %8, i64 24
  %663 = load i64, ptr %528, align 8, !tbaa !3
  store i64 %663, ptr %662, align 8, !tbaa !3
  %664 = getelementptr inbounds i8, ptr %8, i64 32
  %665 = getelementptr inbounds i8, ptr %6, i64 32
  %666 = load i64, ptr %665, align 8, !tbaa !3
  store i64 %666, ptr %664, align 16, !tbaa !3
  %667 = getelementptr inbounds i8, ptr %8, i64 40
  %668 = getelementptr inbounds i8, ptr %6, i64 40
  %669 = load i64, ptr %668, align 8, !tbaa !3
  store i64 %669, ptr %667, align 8, !tbaa !3
  %670 = getelementptr inbounds i8, ptr %8, i64 48
  %671 = load i64, ptr %533, align 8, !tbaa !3
  store i64 %671, ptr %670, align 16, !tbaa !3
  %672 = getelementptr inbounds i8, ptr %8, i64 56
  %673 = getelementptr inbounds i8, ptr %6, i64 56
  %674 = load i64, ptr %673, align 8, !tbaa !3
  store i64 %674, ptr %672, align 8, !tbaa !3
  %675 = getelementptr inbounds i8, ptr %8, i64 64
  %676 = getelementptr inbounds i8, ptr %6, i64 64
  %677 = load i64, ptr %676, align 8, !tbaa !3
  store i64 %677, ptr %675, align 16, !tbaa !3
  %678 = getelementptr inbounds i8, ptr %8, i64 72
  %679 = getelementptr inbounds i8, ptr %7, i64 16
  %680 = load i64, ptr %679, align 8, !tbaa !58
  store i64 %680, ptr %678, align 8, !tbaa !3
  %681 = getelementptr inbounds i8, ptr %8, i64 80
  store i64 0, ptr %681, align 16, !tbaa !3
  %682 = getelementptr inbounds i8, ptr %8, i64 88
  store i64 0, ptr %682, align 8, !tbaa !3
  %683 = getelementptr inbounds i8, ptr %8, i64 96
  store i64 0, ptr %683, align 16, !tbaa !3
  %684 = getelementptr inbounds i8, ptr %8, i64 104
  %685 = getelementptr inbounds i8, ptr %7, i64 32
  %686 = load i32, ptr %685, align 8, !tbaa !59
  %687 = sext i32 %686 to i64
  store i64 %687, ptr %684, align 8, !tbaa !3
  %688 = getelementptr inbounds i8, ptr %8, i64 112
  store i64 0, ptr %688, align 16, !tbaa !3
  %689 = getelementptr inbounds i8, ptr %8, i64 120
  store i64 0, ptr %689, align 8, !tbaa !3
  %690 = getelementptr inbounds i8, ptr %511, i64 16
  %691 = load i64, ptr %690, align 8, !tbaa !60
  %692 = icmp eq i64 %691, 0
  %693 = getelementptr inbounds i8, ptr %511, i64 24
  %694 = load i64, ptr %693, align 8, !tbaa !61
  %695 = icmp eq i64 %694, 0
  %696 = select i1 %692, i1 %695, i1 false
  br i1 %696, label %697, label %700

697:                                              ; preds = %653
  %698 = getelementptr inbounds i8, ptr %7, i64 24
  %699 = load i32, ptr %698, align 8, !tbaa !62
  br label %724

700:                                              ; preds = %653
  %701 = getelementptr inbounds i8, ptr %511, i64 56
  %702 = load i32, ptr %701, align 8, !tbaa !44
  %703 = sext i32 %702 to i64
  %704 = add i64 %663, -1
  %705 = add i64 %704, %703
  %706 = sub nsw i64 0, %703
  %707 = and i64 %705, %706
  %708 = add i64 %691, 63
  %709 = mul i64 %669, %666
  %710 = mul i64 %709, %694
  %711 = mul i64 %710, %707
  %712 = or i64 %708, 63
  %713 = add i64 %711, %712
  %714 = and i64 %713, -64
  %715 = getelementptr inbounds i8, ptr %7, i64 24
  %716 = load i32, ptr %715, align 8, !tbaa !62
  %717 = icmp eq i32 %716, 0
  %718 = select i1 %717, i64 1, i64 %654
  %719 = mul nsw i64 %714, %718
  %720 = call ptr @aligned_alloc(i64 noundef 64, i64 noundef %719) #12
  %721 = icmp eq ptr %720, null
  br i1 %721, label %762, label %722

722:                                              ; preds = %700
  %723 = ptrtoint ptr %720 to i64
  store i64 %723, ptr %681, align 16, !tbaa !3
  store i64 %714, ptr %682, align 8, !tbaa !3
  br label %724

724:                                              ; preds = %722, %697
  %725 = phi i32 [ %716, %722 ], [ %699, %697 ]
  %726 = phi ptr [ %720, %722 ], [ null, %697 ]
  %727 = icmp ne i32 %725, 0
  %728 = load ptr, ptr @others, align 8
  %729 = icmp ne ptr %728, null
  %730 = select i1 %727, i1 %729, i1 false
  br i1 %730, label %731, label %744

731:                                              ; preds = %724
  call void @llvm.lifetime.start.p0(i64 40, ptr nonnull %9) #13
  %732 = load ptr, ptr %511, align 8, !tbaa !63
  store ptr %732, ptr %9, align 8, !tbaa !64
  %733 = getelementptr inbounds i8, ptr %9, i64 8
  store ptr %14, ptr %733, align 8, !tbaa !66
  %734 = getelementptr inbounds i8, ptr %9, i64 16
  store ptr %8, ptr %734, align 8, !tbaa !67
  %735 = getelementptr inbounds i8, ptr %9, i64 24
  %736 = load i64, ptr %7, align 8, !tbaa !68
  store i64 %736, ptr %735, align 8, !tbaa !69
  %737 = getelementptr inbounds i8, ptr %9, i64 32
  %738 = getelementptr inbounds i8, ptr %7, i64 8
  %739 = load i64, ptr %738, align 8, !tbaa !70
  store i64 %739, ptr %737, align 8, !tbaa !71
  %740 = load ptr, ptr @others_context, align 8, !tbaa !9
  %741 = add i64 %736, -1
  %742 = add i64 %741, %739
  %743 = sdiv i64 %742, %739
  call void %728(ptr noundef %740, ptr noundef nonnull @piece, ptr noundef nonnull %9, i64 noundef %743) #12
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %9) #13
  br label %759

744:                                              ; preds = %724
  %745 = load i64, ptr %7, align 8, !tbaa !68
  br i1 %727, label %746, label %757

746:                                              ; preds = %744
  %747 = load ptr, ptr %511, align 8, !tbaa !63
  %748 = getelementptr inbounds i8, ptr %511, i64 84
  %749 = load i32, ptr %748, align 4, !tbaa !72
  %750 = icmp eq i32 %749, 0
  %751 = getelementptr inbounds i8, ptr %7, i64 8
  %752 = load i64, ptr %751, align 8
  %753 = sub nsw i64 0, %752
  %754 = select i1 %750, i64 %752, i64 %753
  %755 = call i64 @kdsl_pool_run(ptr noundef %747, ptr noundef nonnull %14, ptr noundef nonnull %8, i64 noundef %745, i64 noundef %754) #12
  %756 = icmp eq i64 %755, 0
  br i1 %756, label %757, label %759

757:                                              ; preds = %746, %744
  %758 = load ptr, ptr %511, align 8, !tbaa !63
  call void %758(ptr noundef nonnull %14, ptr noundef nonnull %8, i64 noundef 0, i64 noundef %745, i64 noundef 0) #12
  br label %759

759:                                              ; preds = %757, %746, %731
  %760 = icmp eq ptr %726, null
  br i1 %760, label %762, label %761

761:                                              ; preds = %759
  call void @free(ptr noundef nonnull %726) #12
  br label %762

762:                                              ; preds = %700, %759, %761
  %763 = phi i32 [ 0, %761 ], [ 0, %759 ], [ 6, %700 ]
  call void @llvm.lifetime.end.p0(i64 128, ptr nonnull %8) #13
  call void @llvm.lifetime.end.p0(i64 40, ptr nonnull %7) #13
  call void @llvm.lifetime.end.p0(i64 72, ptr nonnull %6) #13
  br label %764

764:                                              ; preds = %364, %422, %75, %16, %84, %79, %25, %34, %38, %44, %50, %59, %63, %69, %360, %266, %762, %508, %510, %90, %3
  %765 = phi i32 [ %369, %364 ], [ 1, %3 ], [ 2, %90 ], [ %763, %762 ], [ 7, %508 ], [ 0, %510 ], [ %269, %266 ], [ %363, %360 ], [ 2, %69 ], [ 2, %63 ], [ 2, %59 ], [ 2, %50 ], [ 2, %44 ], [ 2, %38 ], [ 2, %34 ], [ 2, %25 ], [ 2, %79 ], [ 2, %84 ], [ 2, %16 ], [ 2, %75 ], [ 7, %422 ]
  call void @llvm.lifetime.end.p0(i64 4096, ptr nonnull %14) #13
  ret i32 %765
}

; Function Attrs: mustprogress nofree norecurse nosync nounwind willreturn memory(none)
define ptr @KDSL_error_text(i32 noundef %0) local_unnamed_addr #4 {
  %2 = and i32 %0, 255
  %3 = icmp ult i32 %2, 8
  br i1 %3, label %4, label %8

4:                                                ; preds = %1
  %5 = zext nneg i32 %2 to i64
  %6 = shl i64 %5, 2
  %7 = call ptr @llvm.load.relative.i64(ptr @KDSL_error_text.texts.rel, i64 %6)
  br label %8

8:                                                ; preds = %1, %4
  %9 = phi ptr [ %7, %4 ], [ @.str.8, %1 ]
  ret ptr %9
}

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare { i64, i1 } @llvm.smul.with.overflow.i64(i64, i64) #5

declare void @kdsl_cpuid(i32 noundef, i32 noundef, ptr noundef) local_unnamed_addr #2

declare i64 @kdsl_xgetbv() local_unnamed_addr #2

; Function Attrs: nounwind
define internal fastcc void @make_plan(ptr dead_on_unwind noalias nocapture writable writeonly sret(%struct.Plan) align 8 %0, ptr nocapture noundef readonly %1, double noundef %2, ptr nocapture noundef readonly %3, i64 noundef %4) unnamed_addr #0 {
  %6 = getelementptr inbounds i8, ptr %3, i64 48
  %7 = load i64, ptr %6, align 8, !tbaa !3
  %8 = getelementptr inbounds i8, ptr %3, i64 56
  %9 = load i64, ptr %8, align 8, !tbaa !3
  %10 = getelementptr inbounds i8, ptr %3, i64 64
  %11 = load i64, ptr %10, align 8, !tbaa !3
  %12 = mul nsw i64 %11, %9
  %13 = mul nsw i64 %12, %7
  %14 = getelementptr inbounds i8, ptr %0, i64 8
  %15 = getelementptr inbounds i8, ptr %0, i64 16
  %16 = getelementptr inbounds i8, ptr %1, i64 56
  %17 = load i32, ptr %16, align 8, !tbaa !44
  %18 = sext i32 %17 to i64
  store i64 %18, ptr %15, align 8, !tbaa !58
  %19 = getelementptr inbounds i8, ptr %0, i64 24
  store i32 0, ptr %19, align 8, !tbaa !62
  %20 = getelementptr inbounds i8, ptr %0, i64 28
  %21 = sitofp i64 %13 to double
  %22 = fmul double %21, %2
  %23 = fcmp olt double %22, 1.500000e+04
  %24 = zext i1 %23 to i32
  store i32 %24, ptr %20, align 4, !tbaa !55
  %25 = getelementptr inbounds i8, ptr %0, i64 32
  %26 = icmp eq i64 %4, 1
  %27 = or i1 %26, %23
  %28 = getelementptr inbounds i8, ptr %1, i64 96
  %29 = load i32, ptr %28, align 8, !tbaa !73
  %30 = icmp eq i32 %29, 0
  br i1 %30, label %31, label %46

31:                                               ; preds = %5
  %32 = getelementptr inbounds i8, ptr %1, i64 32
  %33 = load i64, ptr %32, align 8, !tbaa !74
  %34 = icmp eq i64 %33, 0
  br i1 %34, label %46, label %35

35:                                               ; preds = %31
  %36 = mul nsw i64 %33, %7
  %37 = icmp sgt i64 %36, 4095
  br i1 %37, label %38, label %46

38:                                               ; preds = %35
  %39 = mul nsw i64 %36, %12
  %40 = tail call i64 @sysconf(i32 noundef 194) #12
  %41 = icmp sgt i64 %40, 0
  %42 = sdiv i64 %40, 2
  %43 = select i1 %41, i64 %42, i64 16777216
  %44 = icmp sgt i64 %39, %43
  %45 = zext i1 %44 to i32
  br label %46

46:                                               ; preds = %5, %31, %35, %38
  %47 = phi i32 [ 1, %5 ], [ 0, %31 ], [ 0, %35 ], [ %45, %38 ]
  store i32 %47, ptr %25, align 8, !tbaa !59
  %48 = uitofp nneg i64 %4 to double
  %49 = getelementptr inbounds i8, ptr %1, i64 88
  %50 = load i32, ptr %49, align 8, !tbaa !75
  %51 = fdiv double 2.000000e+05, %2
  %52 = fmul double %48, 1.600000e+01
  %53 = fdiv double %21, %52
  %54 = icmp eq i32 %50, 0
  br i1 %54, label %63, label %55

55:                                               ; preds = %46
  %56 = sitofp i32 %50 to double
  %57 = fmul double %56, 1.000000e+01
  %58 = fmul double %57, 4.000000e+00
  %59 = fdiv double %58, %2
  %60 = fcmp ogt double %53, %59
  %61 = select i1 %60, double %53, double %59
  %62 = fdiv double %21, %48
  br label %63

63:                                               ; preds = %46, %55
  %64 = phi double [ %61, %55 ], [ %53, %46 ]
  %65 = phi double [ %62, %55 ], [ %51, %46 ]
  %66 = fdiv double 1.000000e+04, %2
  %67 = fcmp olt double %64, %65
  %68 = select i1 %67, double %64, double %65
  %69 = fcmp ogt double %66, %68
  %70 = select i1 %69, double %66, double %68
  %71 = getelementptr inbounds i8, ptr %1, i64 52
  %72 = load i32, ptr %71, align 4, !tbaa !76
  %73 = icmp eq i32 %72, 0
  br i1 %73, label %74, label %108

74:                                               ; preds = %63
  %75 = getelementptr inbounds i8, ptr %3, i64 24
  %76 = load i64, ptr %75, align 8, !tbaa !3
  %77 = getelementptr inbounds i8, ptr %3, i64 32
  %78 = load i64, ptr %77, align 8, !tbaa !3
  %79 = mul nsw i64 %78, %76
  %80 = getelementptr inbounds i8, ptr %3, i64 40
  %81 = load i64, ptr %80, align 8, !tbaa !3
  %82 = mul nsw i64 %79, %81
  %83 = load i64, ptr %3, align 8, !tbaa !3
  %84 = getelementptr inbounds i8, ptr %3, i64 8
  %85 = load i64, ptr %84, align 8, !tbaa !3
  %86 = mul nsw i64 %85, %83
  %87 = getelementptr inbounds i8, ptr %3, i64 16
  %88 = load i64, ptr %87, align 8, !tbaa !3
  %89 = mul nsw i64 %86, %88
  store i64 %89, ptr %0, align 8, !tbaa !68
  %90 = sitofp i64 %82 to double
  %91 = fdiv double %70, %90
  %92 = fptosi double %91 to i64
  %93 = add i64 %4, -1
  %94 = add i64 %93, %89
  %95 = sdiv i64 %94, %4
  %96 = getelementptr inbounds i8, ptr %1, i64 76
  %97 = load i32, ptr %96, align 4, !tbaa !77
  %98 = sext i32 %97 to i64
  %99 = tail call i64 @llvm.smin.i64(i64 %95, i64 %98)
  %100 = icmp slt i64 %92, 1
  %101 = tail call i64 @llvm.smin.i64(i64 %89, i64 %92)
  %102 = select i1 %100, i64 1, i64 %101
  %103 = tail call i64 @llvm.smax.i64(i64 %99, i64 %102)
  store i64 %103, ptr %14, align 8, !tbaa !70
  %104 = icmp sgt i64 %89, %103
  %105 = xor i1 %27, true
  %106 = select i1 %105, i1 %104, i1 false
  %107 = zext i1 %106 to i32
  store i32 %107, ptr %19, align 8, !tbaa !62
  br label %188

108:                                              ; preds = %63
  %109 = load i32, ptr %16, align 8, !tbaa !44
  %110 = sext i32 %109 to i64
  %111 = add i64 %7, -1
  %112 = add i64 %111, %110
  %113 = sub nsw i64 0, %110
  %114 = and i64 %112, %113
  %115 = load i64, ptr %8, align 8, !tbaa !3
  %116 = getelementptr inbounds i8, ptr %1, i64 76
  %117 = load i32, ptr %116, align 4, !tbaa !77
  %118 = sext i32 %117 to i64
  %119 = add i64 %115, -1
  %120 = add i64 %119, %118
  %121 = sdiv i64 %120, %118
  %122 = load i64, ptr %10, align 8, !tbaa !3
  %123 = mul nsw i64 %122, %121
  br i1 %27, label %124, label %125

124:                                              ; preds = %108
  store i64 %123, ptr %14, align 8, !tbaa !70
  store i64 %123, ptr %0, align 8, !tbaa !68
  store i64 %114, ptr %15, align 8, !tbaa !58
  br label %188

125:                                              ; preds = %108
  %126 = sitofp i32 %117 to double
  %127 = fdiv double %70, %126
  %128 = fcmp olt double %127, 6.553600e+04
  %129 = fptosi double %127 to i64
  %130 = tail call i64 @llvm.smin.i64(i64 %129, i64 65535)
  %131 = select i1 %128, i64 %130, i64 65535
  %132 = add i64 %131, %110
  %133 = and i64 %132, %113
  %134 = tail call i64 @llvm.smin.i64(i64 %133, i64 %114)
  %135 = add i64 %134, %111
  %136 = sdiv i64 %135, %134
  %137 = mul nsw i64 %136, %123
  %138 = shl nsw i64 %4, 4
  %139 = icmp sgt i64 %137, %138
  br i1 %139, label %177, label %140

140:                                              ; preds = %125
  %141 = shl nsw i64 %136, 1
  %142 = icmp sgt i64 %136, %141
  br i1 %142, label %177, label %143

143:                                              ; preds = %140
  %144 = add nsw i64 %110, -1
  %145 = add i64 %4, -1
  br label %146

146:                                              ; preds = %168, %143
  %147 = phi i64 [ %134, %143 ], [ %170, %168 ]
  %148 = phi i64 [ %136, %143 ], [ %171, %168 ]
  %149 = phi i64 [ -1, %143 ], [ %169, %168 ]
  %150 = add i64 %148, %111
  %151 = sdiv i64 %150, %148
  %152 = add i64 %144, %151
  %153 = and i64 %152, %113
  %154 = add i64 %153, %111
  %155 = sdiv i64 %154, %153
  %156 = mul nsw i64 %155, %123
  %157 = add i64 %145, %156
  %158 = sdiv i64 %157, %4
  %159 = mul nsw i64 %153, %158
  %160 = icmp slt i64 %149, 0
  %161 = icmp slt i64 %159, %149
  %162 = select i1 %160, i1 true, i1 %161
  br i1 %162, label %167, label %163

163:                                              ; preds = %146
  %164 = icmp eq i64 %159, %149
  %165 = icmp sgt i64 %153, %147
  %166 = select i1 %164, i1 %165, i1 false
  br i1 %166, label %167, label %168

167:                                              ; preds = %163, %146
  br label %168

168:                                              ; preds = %167, %163
  %169 = phi i64 [ %159, %167 ], [ %149, %163 ]
  %170 = phi i64 [ %153, %167 ], [ %147, %163 ]
  %171 = add i64 %148, 1
  %172 = icmp eq i64 %148, %141
  br i1 %172, label %173, label %146, !llvm.loop !78

173:                                              ; preds = %168
  %174 = add i64 %170, %111
  %175 = sdiv i64 %174, %170
  %176 = mul nsw i64 %175, %123
  br label %177

177:                                              ; preds = %173, %125, %140
  %178 = phi i64 [ %176, %173 ], [ %137, %125 ], [ %137, %140 ]
  %179 = phi i64 [ %170, %173 ], [ %134, %125 ], [ %134, %140 ]
  store i64 %179, ptr %15, align 8, !tbaa !58
  store i64 %178, ptr %0, align 8, !tbaa !68
  %180 = tail call i64 @llvm.smin.i64(i64 %179, i64 %7)
  %181 = mul nsw i64 %180, %118
  %182 = sitofp i64 %181 to double
  %183 = fdiv double %70, %182
  %184 = fptosi double %183 to i64
  %185 = tail call i64 @llvm.smax.i64(i64 %184, i64 1)
  store i64 %185, ptr %14, align 8, !tbaa !70
  %186 = icmp sgt i64 %178, %185
  %187 = zext i1 %186 to i32
  store i32 %187, ptr %19, align 8, !tbaa !62
  br label %188

188:                                              ; preds = %124, %177, %74
  ret void
}

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite)
declare void @llvm.memcpy.p0.p0.i64(ptr noalias nocapture writeonly, ptr noalias nocapture readonly, i64, i1 immarg) #6

declare ptr @aligned_alloc(i64 noundef, i64 noundef) local_unnamed_addr #2

; Function Attrs: nounwind
define internal void @piece(ptr nocapture noundef readonly %0, i64 noundef %1, i64 noundef %2, i64 noundef %3) #0 {
  %5 = getelementptr inbounds i8, ptr %0, i64 32
  %6 = load i64, ptr %5, align 8, !tbaa !71
  %7 = mul nsw i64 %6, %2
  %8 = load ptr, ptr %0, align 8, !tbaa !64
  %9 = getelementptr inbounds i8, ptr %0, i64 8
  %10 = load ptr, ptr %9, align 8, !tbaa !66
  %11 = getelementptr inbounds i8, ptr %0, i64 16
  %12 = load ptr, ptr %11, align 8, !tbaa !67
  %13 = getelementptr inbounds i8, ptr %0, i64 24
  %14 = load i64, ptr %13, align 8, !tbaa !69
  %15 = tail call i64 @llvm.smin.i64(i64 %7, i64 %14)
  %16 = mul nsw i64 %6, %1
  tail call void %8(ptr noundef %10, ptr noundef %12, i64 noundef %16, i64 noundef %15, i64 noundef %3) #12
  ret void
}

declare i64 @kdsl_pool_run(ptr noundef, ptr noundef, ptr noundef, i64 noundef, i64 noundef) local_unnamed_addr #2

declare void @free(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare double @llvm.fmuladd.f64(double, double, double) #5

declare i64 @sysconf(i32 noundef) local_unnamed_addr #2

declare i32 @__register_atfork(ptr noundef, ptr noundef, ptr noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none)
define internal void @without_pool() #7 {
  store atomic i32 3, ptr @state release, align 4
  store i64 0, ptr @started, align 8, !tbaa !3
  ret void
}

declare i64 @kdsl_pool_start(ptr noundef, i64 noundef, i32 noundef) local_unnamed_addr #2

declare ptr @getenv(ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nounwind willreturn memory(argmem: write)
declare void @llvm.memset.p0.i64(ptr nocapture writeonly, i8, i64, i1 immarg) #8

declare i32 @sched_getaffinity(i32 noundef, i64 noundef, ptr noundef) local_unnamed_addr #2

; Function Attrs: mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.ctpop.i64(i64) #5

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i32 @llvm.smax.i32(i32, i32) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.smax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.abs.i64(i64, i1 immarg) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umax.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind speculatable willreturn memory(none)
declare i64 @llvm.umin.i64(i64, i64) #9

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite)
declare void @llvm.experimental.noalias.scope.decl(metadata) #10

; Function Attrs: nocallback nofree nosync nounwind willreturn memory(argmem: read)
declare ptr @llvm.load.relative.i64(ptr, i64) #11

attributes #0 = { nounwind "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #1 = { mustprogress nocallback nofree nosync nounwind willreturn memory(argmem: readwrite) }
attributes #2 = { "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #3 = { mustprogress nofree norecurse nosync nounwind willreturn memory(write, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #4 = { mustprogress nofree norecurse nosync nounwind willreturn memory(none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #5 = { mustprogress nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #6 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: readwrite) }
attributes #7 = { mustprogress nofree norecurse nounwind willreturn memory(readwrite, argmem: none, inaccessiblemem: none) "min-legal-vector-width"="0" "no-builtins" "no-trapping-math"="true" "stack-protector-buffer-size"="8" }
attributes #8 = { mustprogress nocallback nofree nounwind willreturn memory(argmem: write) }
attributes #9 = { nocallback nofree nosync nounwind speculatable willreturn memory(none) }
attributes #10 = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite) }
attributes #11 = { nocallback nofree nosync nounwind willreturn memory(argmem: read) }
attributes #12 = { nobuiltin nounwind "no-builtins" }
attributes #13 = { nounwind }
attributes #14 = { nobuiltin "no-builtins" }

!llvm.module.flags = !{!0, !1}

!0 = !{i32 1, !"wchar_size", i32 4}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{!"Debian clang version 19.1.7 (3~deb12u1)"}
!3 = !{!4, !4, i64 0}
!4 = !{!"long", !5, i64 0}
!5 = !{!"omnipotent char", !6, i64 0}
!6 = !{!"Simple C/C++ TBAA"}
!7 = !{!8, !8, i64 0}
!8 = !{!"int", !5, i64 0}
!9 = !{!10, !10, i64 0}
!10 = !{!"any pointer", !5, i64 0}
!11 = !{!12, !8, i64 16}
!12 = !{!"", !10, i64 0, !10, i64 8, !8, i64 16, !8, i64 20}
!13 = !{!12, !10, i64 0}
!14 = !{!15, !8, i64 0}
!15 = !{!"", !8, i64 0, !8, i64 4, !8, i64 8, !8, i64 12, !8, i64 16, !8, i64 20}
!16 = !{!15, !8, i64 8}
!17 = !{!18, !10, i64 8}
!18 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16}
!19 = !{!15, !8, i64 4}
!20 = distinct !{!20, !21}
!21 = !{!"llvm.loop.mustprogress"}
!22 = !{!18, !10, i64 16}
!23 = !{!18, !10, i64 0}
!24 = !{!15, !8, i64 16}
!25 = distinct !{!25, !21}
!26 = !{!15, !8, i64 12}
!27 = !{!15, !8, i64 20}
!28 = distinct !{!28, !21}
!29 = distinct !{!29, !21}
!30 = distinct !{!30, !31}
!31 = !{!"llvm.loop.unroll.disable"}
!32 = distinct !{!32, !21}
!33 = !{!5, !5, i64 0}
!34 = distinct !{!34, !21}
!35 = distinct !{!35, !31}
!36 = distinct !{!36, !21}
!37 = !{!12, !8, i64 20}
!38 = !{!12, !10, i64 8}
!39 = !{!40, !8, i64 40}
!40 = !{!"", !10, i64 0, !41, i64 8, !4, i64 16, !4, i64 24, !4, i64 32, !8, i64 40, !8, i64 44, !8, i64 48, !8, i64 52, !8, i64 56, !8, i64 60, !5, i64 64, !8, i64 76, !8, i64 80, !8, i64 84, !8, i64 88, !8, i64 92, !8, i64 96, !41, i64 104}
!41 = !{!"double", !5, i64 0}
!42 = !{!40, !8, i64 44}
!43 = !{!40, !8, i64 60}
!44 = !{!40, !8, i64 56}
!45 = !{!40, !8, i64 48}
!46 = distinct !{!46, !21}
!47 = !{!48}
!48 = distinct !{!48, !49, !"turned: argument 0"}
!49 = distinct !{!49, !"turned"}
!50 = !{i64 0, i64 24, !33, i64 24, i64 24, !33, i64 48, i64 24, !33}
!51 = !{!40, !8, i64 80}
!52 = !{!40, !41, i64 8}
!53 = !{!40, !8, i64 92}
!54 = !{!40, !41, i64 104}
!55 = !{!56, !8, i64 28}
!56 = !{!"", !4, i64 0, !4, i64 8, !4, i64 16, !8, i64 24, !8, i64 28, !8, i64 32}
!57 = distinct !{!57, !21}
!58 = !{!56, !4, i64 16}
!59 = !{!56, !8, i64 32}
!60 = !{!40, !4, i64 16}
!61 = !{!40, !4, i64 24}
!62 = !{!56, !8, i64 24}
!63 = !{!40, !10, i64 0}
!64 = !{!65, !10, i64 0}
!65 = !{!"", !10, i64 0, !10, i64 8, !10, i64 16, !4, i64 24, !4, i64 32}
!66 = !{!65, !10, i64 8}
!67 = !{!65, !10, i64 16}
!68 = !{!56, !4, i64 0}
!69 = !{!65, !4, i64 24}
!70 = !{!56, !4, i64 8}
!71 = !{!65, !4, i64 32}
!72 = !{!40, !8, i64 84}
!73 = !{!40, !8, i64 96}
!74 = !{!40, !4, i64 32}
!75 = !{!40, !8, i64 88}
!76 = !{!40, !8, i64 52}
!77 = !{!40, !8, i64 76}
!78 = distinct !{!78, !21}
